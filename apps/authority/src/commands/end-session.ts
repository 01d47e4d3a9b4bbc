import { type EndCause, type Session, session } from '#libs/domain';
import { type Committed } from '#libs/event-store';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type RequestContext } from '../http/request-context.js';
import { CommandContext } from './command-context.js';

/** Ends one login session, the one of one browser. One that is not there has ended. */
export class EndSession extends Command<Committed<Session, unknown>> {
  constructor(
    readonly sessionId: string,
    readonly cause: EndCause,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(EndSession)
export class EndSessionHandler implements ICommandHandler<EndSession> {
  constructor(private readonly context: CommandContext) {}

  execute({ sessionId, cause, by }: EndSession) {
    const data = { sessionId, cause };
    return this.context.commit(session, sessionId, { type: 'EndSession', data, now: this.context.now() }, by);
  }
}
