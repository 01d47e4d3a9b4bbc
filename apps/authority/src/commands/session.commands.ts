import { RootKey } from '#libs/crypto';
import { type EndCause, type Session, type Subject, session, subject } from '#libs/domain';
import { type Committed } from '#libs/event-store';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandContext } from './command-context.js';
import { type RequestContext } from '../http/request-context.js';

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
class EndSessionHandler implements ICommandHandler<EndSession> {
  constructor(private readonly context: CommandContext) {}

  execute({ sessionId, cause, by }: EndSession) {
    const command = { type: 'EndSession', data: { sessionId, cause }, now: this.context.now() } as const;
    return this.context.commit(session, sessionId, { command, by });
  }
}

/** One event, whatever the number of consents; `clientId` null: at every client. */
export class RevokeConsent extends Command<Committed<Subject, unknown>> {
  constructor(
    readonly subject: string,
    readonly clientId: string | null,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(RevokeConsent)
class RevokeConsentHandler implements ICommandHandler<RevokeConsent> {
  constructor(
    private readonly context: CommandContext,
    private readonly root: RootKey,
  ) {}

  execute({ subject: person, clientId, by }: RevokeConsent) {
    const subjectHash = this.root.subjectHash(person);
    const command = { type: 'RevokeConsent', data: { subjectHash, clientId }, now: this.context.now() } as const;
    return this.context.commit(subject, subjectHash, { command, by });
  }
}

/** Ends every login session of a subject, in all browsers. */
export class RevokeSessions extends Command<Committed<Subject, unknown>> {
  constructor(
    readonly subject: string,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(RevokeSessions)
class RevokeSessionsHandler implements ICommandHandler<RevokeSessions> {
  constructor(
    private readonly context: CommandContext,
    private readonly root: RootKey,
  ) {}

  execute({ subject: person, by }: RevokeSessions) {
    const subjectHash = this.root.subjectHash(person);
    const command = { type: 'RevokeSessions', data: { subjectHash }, now: this.context.now() } as const;
    return this.context.commit(subject, subjectHash, { command, by });
  }
}

export const sessionHandlers = [EndSessionHandler, RevokeConsentHandler, RevokeSessionsHandler];
