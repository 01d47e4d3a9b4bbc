import { RootKey } from '#libs/crypto';
import { type Login, type LoginAcceptance, type LoginEvent, type Rejection, login } from '#libs/domain';
import { type Committed } from '#libs/event-store';
import { ReadModel, findLoginRequest } from '#libs/read-model';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandContext } from './command-context.js';
import { notFound } from '../http/errors/admin-error.js';
import { type RequestContext } from '../http/request-context.js';

export class AcceptLogin extends Command<Committed<Login, LoginEvent>> {
  constructor(
    readonly challenge: string,
    readonly acceptance: LoginAcceptance,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(AcceptLogin)
export class AcceptLoginHandler implements ICommandHandler<AcceptLogin> {
  constructor(
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
  ) {}

  async execute({ challenge, acceptance, by }: AcceptLogin) {
    requireLogin(this.readModel, challenge);
    const data = { ...acceptance, subjectHash: this.root.subjectHash(acceptance.subject) };
    const committed = await this.context.commit(
      login,
      challenge,
      { type: 'AcceptLogin', data, now: this.context.now() },
      by,
      { idempotency: by.idempotency },
    );
    requireLogin(this.readModel, challenge);
    return committed;
  }
}

export class RejectLogin extends Command<Committed<Login, LoginEvent>> {
  constructor(
    readonly challenge: string,
    readonly rejection: Rejection,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(RejectLogin)
export class RejectLoginHandler implements ICommandHandler<RejectLogin> {
  constructor(
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
  ) {}

  async execute({ challenge, rejection, by }: RejectLogin) {
    requireLogin(this.readModel, challenge);
    const committed = await this.context.commit(
      login,
      challenge,
      { type: 'RejectLogin', data: { rejection }, now: this.context.now() },
      by,
      { idempotency: by.idempotency },
    );
    requireLogin(this.readModel, challenge);
    return committed;
  }
}

/** The request must be there before deciding, and must not have died while the decision was appended. */
function requireLogin(readModel: ReadModel, challenge: string): void {
  if (findLoginRequest(readModel.db, challenge) === undefined) throw notFound();
}
