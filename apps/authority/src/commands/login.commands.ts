import { RootKey } from '#libs/crypto';
import { type LoginAcceptance, type LoginCommand, type Rejection, login } from '#libs/domain';
import { type LoginRequestView, findLoginRequest } from '#libs/read-model';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandContext } from './command-context.js';
import { notFound, repeatOfWhatIsGone } from '../http/errors/admin-error.js';
import { type RequestContext } from '../http/request-context.js';

/** The login app says who logged in. Answers with the request that was decided; so does `RejectLogin`. */
export class AcceptLogin extends Command<LoginRequestView> {
  constructor(
    readonly challenge: string,
    readonly acceptance: LoginAcceptance,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(AcceptLogin)
class AcceptLoginHandler implements ICommandHandler<AcceptLogin> {
  constructor(
    private readonly context: CommandContext,
    private readonly root: RootKey,
  ) {}

  execute({ challenge, acceptance, by }: AcceptLogin) {
    const data = { ...acceptance, subjectHash: this.root.subjectHash(acceptance.subject) };
    return decide(this.context, challenge, { command: { type: 'AcceptLogin', data, now: this.context.now() }, by });
  }
}

export class RejectLogin extends Command<LoginRequestView> {
  constructor(
    readonly challenge: string,
    readonly rejection: Rejection,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(RejectLogin)
class RejectLoginHandler implements ICommandHandler<RejectLogin> {
  constructor(private readonly context: CommandContext) {}

  execute({ challenge, rejection, by }: RejectLogin) {
    const command = { type: 'RejectLogin', data: { rejection }, now: this.context.now() } as const;
    return decide(this.context, challenge, { command, by });
  }
}

/** The request must be there before deciding, and must not have died while the decision was appended. A repeat is not decided again. */
async function decide(
  context: CommandContext,
  challenge: string,
  write: { readonly command: LoginCommand; readonly by: RequestContext },
): Promise<LoginRequestView> {
  const find = (): LoginRequestView | undefined => findLoginRequest(context.readModel.db, challenge);
  const liveness = { isAlive: () => find() !== undefined, refusal: notFound };
  const request = find();
  await context.once(login, challenge, write.by, () => {
    if (request === undefined) throw notFound();
    return context.commit(login, challenge, { ...write, liveness });
  });
  if (request === undefined) throw repeatOfWhatIsGone();
  return request;
}

export const loginHandlers = [AcceptLoginHandler, RejectLoginHandler];
