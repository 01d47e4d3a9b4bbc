import { ClientSecrets } from '#libs/crypto';
import { type Client, client } from '#libs/domain';
import { type Committed } from '#libs/event-store';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandContext } from '../commands/command-context.js';
import { type RequestContext } from '../http/request-context.js';

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
    const data = { clientId, currentHash, secretHash };
    return this.context.commit(client, clientId, { type: 'RehashClientSecret', data }, by);
  }
}
