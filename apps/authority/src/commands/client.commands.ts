import { ClientSecrets, RootKey } from '#libs/crypto';
import {
  type Client,
  type ClientCommand,
  type ClientEvent,
  type ClientRegistration,
  assertionBucket,
  client,
  clientAssertion,
} from '#libs/domain';
import { type Committed } from '#libs/event-store';
import { type SingleUse } from '#libs/oauth2';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandContext } from './command-context.js';
import { type EntityTags, entityTag, onlyIf } from '../http/entity-tags.js';
import { type RequestContext } from '../http/request-context.js';

/** The secret of a new client: sent with the request; known to us by a hash made elsewhere only; or generated, for a command id. */
export type NewSecret =
  | { readonly chosen: string }
  | { readonly importedHash: string }
  | { readonly generatedFor: (commandId: string) => string };

export class CreateClient extends Command<Committed<Client, ClientEvent>> {
  constructor(
    readonly clientId: string,
    readonly registration: ClientRegistration,
    readonly secret: NewSecret,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(CreateClient)
class CreateClientHandler implements ICommandHandler<CreateClient> {
  constructor(
    private readonly context: CommandContext,
    private readonly secrets: ClientSecrets,
  ) {}

  async execute({ clientId, registration, secret, by }: CreateClient) {
    const hashFor = await this.hashing(secret);
    const command = (commandId: string): ClientCommand => ({
      type: 'CreateClient',
      data: { clientId, registration, secretHash: hashFor(commandId) },
      now: this.context.now(),
    });
    return this.context.commit(client, clientId, { command, by });
  }

  private async hashing(secret: NewSecret): Promise<(commandId: string) => string> {
    if ('generatedFor' in secret) return (commandId) => this.secrets.hashGenerated(secret.generatedFor(commandId));
    const hash = 'chosen' in secret ? await this.secrets.hashChosen(secret.chosen) : secret.importedHash;
    return () => hash;
  }
}

/** `secret` empty: the stored one is kept. */
export class UpdateClient extends Command<Committed<Client, ClientEvent>> {
  constructor(
    readonly clientId: string,
    readonly registration: ClientRegistration,
    readonly secret: string,
    readonly by: RequestContext,
    readonly ifMatch: EntityTags | undefined,
  ) {
    super();
  }
}

@CommandHandler(UpdateClient)
class UpdateClientHandler implements ICommandHandler<UpdateClient> {
  constructor(
    private readonly context: CommandContext,
    private readonly secrets: ClientSecrets,
  ) {}

  async execute({ clientId, registration, secret, by, ifMatch }: UpdateClient) {
    const rotated = secret === '' ? {} : { secretHash: await this.secrets.hashChosen(secret) };
    const data = { clientId, registration, ...rotated };
    const command = { type: 'UpdateClient', data, now: this.context.now() } as const;
    return this.context.commit(client, clientId, { command, by, ...onlyIf(ifMatch, clientTag) });
  }
}

/** Replaces the hash of a secret that has just been verified by it; nothing when the secret was changed meanwhile. */
export class RehashClientSecret extends Command<Committed<Client, unknown>> {
  constructor(
    readonly clientId: string,
    readonly currentHash: string,
    readonly secret: string,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(RehashClientSecret)
export class RehashClientSecretHandler implements ICommandHandler<RehashClientSecret> {
  constructor(
    private readonly context: CommandContext,
    private readonly secrets: ClientSecrets,
  ) {}

  async execute({ clientId, currentHash, secret, by }: RehashClientSecret) {
    const secretHash = await this.secrets.hashChosen(secret);
    const command = { type: 'RehashClientSecret', data: { clientId, currentHash, secretHash } } as const;
    return this.context.commit(client, clientId, { command, by });
  }
}

/** Marks an assertion of a client as used. @throws DomainError `assertion_used` (rejects with it) */
export class UseClientAssertion extends Command<unknown> {
  constructor(
    readonly clientId: string,
    readonly assertion: SingleUse,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(UseClientAssertion)
class UseClientAssertionHandler implements ICommandHandler<UseClientAssertion> {
  constructor(
    private readonly context: CommandContext,
    private readonly root: RootKey,
  ) {}

  /** No view shows it, so nobody waits until it is applied. */
  execute({ clientId, assertion: { jti, expiresAt }, by }: UseClientAssertion) {
    const hash = this.root.assertionHash(clientId, jti);
    const { id, refusedFrom } = assertionBucket(expiresAt, hash[0]!);
    const data = { assertionHash: hash.toString('base64url'), refusedFrom };
    return this.context.append(clientAssertion, id, { command: { type: 'UseClientAssertion', data }, by });
  }
}

export class DeleteClient extends Command<Committed<Client, unknown>> {
  constructor(
    readonly clientId: string,
    readonly by: RequestContext,
    readonly ifMatch: EntityTags | undefined,
  ) {
    super();
  }
}

@CommandHandler(DeleteClient)
class DeleteClientHandler implements ICommandHandler<DeleteClient> {
  constructor(private readonly context: CommandContext) {}

  execute({ clientId, by, ifMatch }: DeleteClient) {
    const command = { type: 'DeleteClient', data: { clientId }, now: this.context.now() } as const;
    return this.context.commit(client, clientId, { command, by, ...onlyIf(ifMatch, clientTag) });
  }
}

/** The same as the read model has it: rehashing the secret does not change it. */
function clientTag(state: Client): string | undefined {
  return state.status === 'none' ? undefined : entityTag(state.registrationRevision);
}

export const clientHandlers = [
  CreateClientHandler,
  UpdateClientHandler,
  RehashClientSecretHandler,
  UseClientAssertionHandler,
  DeleteClientHandler,
];
