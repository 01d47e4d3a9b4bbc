import { type Jwk, generateKeys, uuidV4 } from '#libs/crypto';
import { DomainError, type KeyEntry, type KeySet, type KeySetCommand, keySet } from '#libs/domain';
import { type Committed, loadState } from '#libs/event-store';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Injectable } from '@nestjs/common';
import { CommandContext } from '../../commands/command-context.js';
import { type RequestContext } from '../../http/request-context.js';
import { KeySecrets } from './key-secrets.js';

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
  ): Promise<KeySetCommitted> {
    const scope = this.context.log.newCommand();
    const before = (await loadState(this.context.log, keySet, set)).state.keys;
    const added: KeyEntry[] = await this.secrets.seal(set, jwks, by, scope);
    const commit = (command: Change): Promise<KeySetCommitted> =>
      this.context.commit(keySet, set, { ...command, set, now: this.context.now() }, by, { scope });
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
      if (error instanceof DomainError) await this.secrets.discard(added, { keys: [] });
      throw error;
    }
  }
}

function newSigningKeys(): Promise<Jwk[]> {
  return generateKeys({ alg: 'RS256', kid: uuidV4(), use: 'sig' });
}

export class GenerateKeys extends Command<readonly Jwk[]> {
  constructor(
    readonly set: string,
    readonly request: { readonly alg: string; readonly kid: string; readonly use: string },
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(GenerateKeys)
export class GenerateKeysHandler implements ICommandHandler<GenerateKeys> {
  constructor(private readonly changes: KeySetChanges) {}

  async execute({ set, request, by }: GenerateKeys) {
    const jwks = await generateKeys({ ...request, kid: request.kid === '' ? uuidV4() : request.kid });
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
  ) {
    super();
  }
}

@CommandHandler(PutKeySet)
export class PutKeySetHandler implements ICommandHandler<PutKeySet> {
  constructor(private readonly changes: KeySetChanges) {}

  execute({ set, keys: jwks, by }: PutKeySet) {
    return this.changes.apply(set, jwks, by, (keys) => ({ type: 'PutKeySet', data: { keys, signs: signs(set) } }));
  }
}

export class PutKey extends Command<KeySetCommitted> {
  constructor(
    readonly set: string,
    readonly key: Jwk,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(PutKey)
export class PutKeyHandler implements ICommandHandler<PutKey> {
  constructor(private readonly changes: KeySetChanges) {}

  execute({ set, key: jwk, by }: PutKey) {
    return this.changes.apply(set, [jwk], by, ([key]) => {
      if (key === undefined) throw new TypeError('a key put in has an entry');
      return { type: 'PutKey', data: { key, signs: signs(set) } };
    });
  }
}

/** `kid` undefined: the whole set. */
export class DeleteKeys extends Command<KeySetCommitted> {
  constructor(
    readonly set: string,
    readonly kid: string | undefined,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(DeleteKeys)
export class DeleteKeysHandler implements ICommandHandler<DeleteKeys> {
  constructor(private readonly changes: KeySetChanges) {}

  execute({ set, kid, by }: DeleteKeys) {
    return this.changes.apply(set, [], by, () =>
      kid === undefined
        ? { type: 'DeleteKeySet', data: { signs: signs(set) } }
        : { type: 'DeleteKey', data: { kid, signs: signs(set) } },
    );
  }
}

function signs(set: string): boolean {
  return set === idTokenKeySet;
}
