import { type Consent, type ConsentAcceptance, type ConsentEvent, type Rejection, consent } from '#libs/domain';
import { type Committed } from '#libs/event-store';
import { ReadModel, findConsentRequest } from '#libs/read-model';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Logger } from 'pino';
import { CommandContext } from './command-context.js';
import { ApplicationLog } from '../http/application-log.js';
import { notFound } from '../http/errors/admin-error.js';
import { type RequestContext } from '../http/request-context.js';

export class AcceptConsent extends Command<Committed<Consent, ConsentEvent>> {
  constructor(
    readonly challenge: string,
    readonly acceptance: ConsentAcceptance,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(AcceptConsent)
export class AcceptConsentHandler implements ICommandHandler<AcceptConsent> {
  private readonly logger: Logger;

  constructor(
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
    log: ApplicationLog,
  ) {
    this.logger = log.logger;
  }

  async execute({ challenge, acceptance, by }: AcceptConsent) {
    const { requestedScope, requestedAudience } = requireConsent(this.readModel, challenge);
    const committed = await this.context.commit(
      consent,
      challenge,
      { type: 'AcceptConsent', data: acceptance, now: this.context.now() },
      by,
      { idempotency: by.idempotency },
    );
    requireConsent(this.readModel, challenge);
    const beyond = acceptance.grantScope.filter((scope) => !requestedScope.includes(scope));
    const beyondAudience = acceptance.grantAudience.filter((audience) => !requestedAudience.includes(audience));
    if (beyond.length + beyondAudience.length > 0) {
      this.logger.warn({ challenge, scope: beyond, audience: beyondAudience }, 'more was granted than was requested');
    }
    return committed;
  }
}

export class RejectConsent extends Command<Committed<Consent, ConsentEvent>> {
  constructor(
    readonly challenge: string,
    readonly rejection: Rejection,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(RejectConsent)
export class RejectConsentHandler implements ICommandHandler<RejectConsent> {
  constructor(
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
  ) {}

  async execute({ challenge, rejection, by }: RejectConsent) {
    requireConsent(this.readModel, challenge);
    const committed = await this.context.commit(
      consent,
      challenge,
      { type: 'RejectConsent', data: { rejection }, now: this.context.now() },
      by,
      { idempotency: by.idempotency },
    );
    requireConsent(this.readModel, challenge);
    return committed;
  }
}

/** The request must be there before deciding, and must not have died while the decision was appended. */
function requireConsent(readModel: ReadModel, challenge: string) {
  const request = findConsentRequest(readModel.db, challenge);
  if (request === undefined) throw notFound();
  return request;
}
