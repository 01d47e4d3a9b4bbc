import { type Jwk, generateKeys, uuidV4 } from '#libs/crypto';
import { DomainError, type KeyEntry, type KeySet, type KeySetCommand, keySet } from '#libs/domain';
import { type AppendOptions, type Committed, PreconditionFailedError, loadState } from '#libs/event-store';
import { goJson } from '#libs/read-model';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Injectable } from '@nestjs/common';
import { CommandContext } from '../../commands/command-context.js';
import { type EntityTags, entityTag, onlyIf } from '../../http/entity-tags.js';
import { type RequestContext } from '../../http/request-context.js';
import { KeySecrets } from './key-secrets.js';
import { keyTag } from './key-tag.js';

/** The set whose newest private RSA key signs ID tokens (oauth2-flows.md 4.4). */
export const idTokenKeySet = 'hydra.openid.id-token';

type KeySetCommitted = Committed<KeySet, unknown>;
type Change = KeySetCommand extends infer Each
  ? Each extends KeySetCommand
    ? Omit<Each, 'set' | 'now'>
    : never
  : never;

/**
 * Runs a command on a key set: secrets of new keys first, then the set's own event, then the secrets of keys that went. A
 * signing set that would be left without a signing key gets a new one in the same append.
 */
@Injectable()
export class KeySetChanges {
  constructor(
    private readonly context: CommandContext,
    private readonly secrets: KeySecrets,
  ) {}

  async apply(
    set: string,
    jwks: readonly Jwk[],
    by: RequestContext,
    change: (entries: readonly KeyEntry[]) => Change,
    options: AppendOptions<KeySet> = {},
  ): Promise<KeySetCommitted> {
    const scope = this.context.log.newCommand();
    const before = (await loadState(this.context.log, keySet, set)).state.keys;
    const added: KeyEntry[] = await this.secrets.seal(set, jwks, by, scope);
    const commit = (command: Change): Promise<KeySetCommitted> =>
      this.context.commit(keySet, set, { ...command, set, now: this.context.now() }, by, { ...options, scope });
    try {
      const committed = await commit(change(added)).catch(async (error: unknown) => {
        if (!(error instanceof DomainError) || error.code !== 'signing_key_required') throw error;
        const successor = await this.secrets.seal(set, await newSigningKeys(), by, scope);
        added.push(...successor);
        const command = change(added.slice(0, jwks.length));
        return commit({ ...command, data: { ...command.data, successor } } as Change);
      });
      await this.secrets.discard([...before, ...added], committed.state);
      return committed;
    } catch (error) {
      if (error instanceof DomainError || error instanceof PreconditionFailedError)
        await this.secrets.discard(added, { keys: [] });
      throw error;
    }
  }
}

function newSigningKeys(): Promise<Jwk[]> {
  return generateKeys({ alg: 'RS256', kid: uuidV4(), use: 'sig' });
}

/** `generate` makes the keys: generations differ in how many, and how they are named. */
export class GenerateKeys extends Command<readonly Jwk[]> {
  constructor(
    readonly set: string,
    readonly request: { readonly alg: string; readonly kid: string; readonly use: string },
    readonly by: RequestContext,
    readonly generate: typeof generateKeys,
  ) {
    super();
  }
}

@CommandHandler(GenerateKeys)
export class GenerateKeysHandler implements ICommandHandler<GenerateKeys> {
  constructor(private readonly changes: KeySetChanges) {}

  async execute({ set, request, by, generate }: GenerateKeys) {
    const jwks = await generate({ ...request, kid: request.kid === '' ? uuidV4() : request.kid });
    await this.changes.apply(set, jwks, by, (keys) => ({ type: 'AddGeneratedKeys', data: { keys } }));
    return jwks;
  }
}

/** Gives the set that signs ID tokens its first key; of two first starts one wins. */
export class EnsureSigningKey extends Command<KeySetCommitted> {
  constructor(readonly by: RequestContext) {
    super();
  }
}

@CommandHandler(EnsureSigningKey)
export class EnsureSigningKeyHandler implements ICommandHandler<EnsureSigningKey> {
  constructor(private readonly changes: KeySetChanges) {}

  async execute({ by }: EnsureSigningKey) {
    return this.changes.apply(idTokenKeySet, await newSigningKeys(), by, (keys) => ({
      type: 'EnsureSigningKey',
      data: { keys },
    }));
  }
}

export class PutKeySet extends Command<KeySetCommitted> {
  constructor(
    readonly set: string,
    readonly keys: readonly Jwk[],
    readonly by: RequestContext,
    readonly ifMatch: EntityTags | undefined,
  ) {
    super();
  }
}

@CommandHandler(PutKeySet)
export class PutKeySetHandler implements ICommandHandler<PutKeySet> {
  constructor(private readonly changes: KeySetChanges) {}

  execute({ set, keys: jwks, by, ifMatch }: PutKeySet) {
    const change = (keys: readonly KeyEntry[]): Change => ({ type: 'PutKeySet', data: { keys, signs: signs(set) } });
    return this.changes.apply(set, jwks, by, change, onlyIf(ifMatch, setTag));
  }
}

/** `ifMatch` is about the key with the kid in it, whatever the new one has. */
export class PutKey extends Command<KeySetCommitted> {
  constructor(
    readonly set: string,
    readonly key: Jwk,
    readonly by: RequestContext,
    readonly ifMatch: { readonly kid: string; readonly wanted: EntityTags | undefined },
  ) {
    super();
  }
}

@CommandHandler(PutKey)
export class PutKeyHandler implements ICommandHandler<PutKey> {
  constructor(private readonly changes: KeySetChanges) {}

  execute({ set, key: jwk, by, ifMatch: { kid, wanted } }: PutKey) {
    const change = ([key]: readonly KeyEntry[]): Change => {
      if (key === undefined) throw new TypeError('a key put in has an entry');
      return { type: 'PutKey', data: { key, signs: signs(set) } };
    };
    return this.changes.apply(set, [jwk], by, change, onlyIf(wanted, keyTagOf(kid)));
  }
}

/** `kid` undefined: the whole set, which `ifMatch` is about then. */
export class DeleteKeys extends Command<KeySetCommitted> {
  constructor(
    readonly set: string,
    readonly kid: string | undefined,
    readonly by: RequestContext,
    readonly ifMatch: EntityTags | undefined,
  ) {
    super();
  }
}

@CommandHandler(DeleteKeys)
export class DeleteKeysHandler implements ICommandHandler<DeleteKeys> {
  constructor(private readonly changes: KeySetChanges) {}

  execute({ set, kid, by, ifMatch }: DeleteKeys) {
    const change = (): Change =>
      kid === undefined
        ? { type: 'DeleteKeySet', data: { signs: signs(set) } }
        : { type: 'DeleteKey', data: { kid, signs: signs(set) } };
    return this.changes.apply(set, [], by, change, onlyIf(ifMatch, kid === undefined ? setTag : keyTagOf(kid)));
  }
}

function signs(set: string): boolean {
  return set === idTokenKeySet;
}

function setTag({ keys }: KeySet, revision: number): string | undefined {
  return keys.length === 0 ? undefined : entityTag(revision);
}

function keyTagOf(kid: string): (state: KeySet) => string | undefined {
  return ({ keys }) => {
    const key = keys.find((each) => each.kid === kid);
    return key === undefined ? undefined : keyTag(goJson(key.publicJwk), key.secretId ?? null);
  };
}
