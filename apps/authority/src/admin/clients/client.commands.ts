import { ClientSecrets, generateClientSecret } from '#libs/crypto';
import { type Client, type ClientRegistration, client } from '#libs/domain';
import { type Committed } from '#libs/event-store';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandContext } from '../../commands/command-context.js';
import { type EntityTags, entityTag, onlyIf } from '../../http/entity-tags.js';
import { type RequestContext } from '../../http/request-context.js';

/**
 * `secret` empty: one is generated, unless `importedHash` brings the bcrypt hash of one that we do not know. Answers the secret in
 * clear, the only time it can be had; `undefined` for an imported one.
 */
export class CreateClient extends Command<{ committed: Committed<Client, unknown>; secret: string | undefined }> {
  constructor(
    readonly clientId: string,
    readonly registration: ClientRegistration,
    readonly secret: string,
    readonly by: RequestContext,
    readonly importedHash = '',
  ) {
    super();
  }
}

@CommandHandler(CreateClient)
export class CreateClientHandler implements ICommandHandler<CreateClient> {
  constructor(
    private readonly context: CommandContext,
    private readonly secrets: ClientSecrets,
  ) {}

  async execute({ clientId, registration, secret, by, importedHash }: CreateClient) {
    const { shown, secretHash } =
      importedHash === '' ? await this.hashed(secret) : { shown: undefined, secretHash: importedHash };
    const data = { clientId, registration, secretHash };
    const committed = await this.context.commit(
      client,
      clientId,
      { type: 'CreateClient', data, now: this.context.now() },
      by,
    );
    return { committed, secret: shown };
  }

  private async hashed(secret: string): Promise<{ shown: string; secretHash: string }> {
    if (secret !== '') return { shown: secret, secretHash: await this.secrets.hashChosen(secret) };
    const generated = generateClientSecret();
    return { shown: generated, secretHash: this.secrets.hashGenerated(generated) };
  }
}

/** `secret` empty: the stored one is kept. */
export class UpdateClient extends Command<Committed<Client, unknown>> {
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
export class UpdateClientHandler implements ICommandHandler<UpdateClient> {
  constructor(
    private readonly context: CommandContext,
    private readonly secrets: ClientSecrets,
  ) {}

  async execute({ clientId, registration, secret, by, ifMatch }: UpdateClient) {
    const rotated = secret === '' ? {} : { secretHash: await this.secrets.hashChosen(secret) };
    const data = { clientId, registration, ...rotated };
    return this.context.commit(
      client,
      clientId,
      { type: 'UpdateClient', data, now: this.context.now() },
      by,
      onlyIf(ifMatch, clientTag),
    );
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
export class DeleteClientHandler implements ICommandHandler<DeleteClient> {
  constructor(private readonly context: CommandContext) {}

  execute({ clientId, by, ifMatch }: DeleteClient) {
    return this.context.commit(
      client,
      clientId,
      { type: 'DeleteClient', data: { clientId }, now: this.context.now() },
      by,
      onlyIf(ifMatch, clientTag),
    );
  }
}

/** The same as the read model has it: rehashing the secret does not change it. */
function clientTag(state: Client): string | undefined {
  return state.status === 'none' ? undefined : entityTag(state.registrationRevision);
}
