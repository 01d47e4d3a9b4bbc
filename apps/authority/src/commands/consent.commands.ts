import { type ConsentAcceptance, type ConsentCommand, type Rejection, consent } from '#libs/domain';
import { type ConsentRequestView, findConsentRequest } from '#libs/read-model';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Logger } from 'pino';
import { CommandContext } from './command-context.js';
import { ApplicationLog } from '../http/application-log.js';
import { consentUsed, notFound, repeatOfWhatIsGone } from '../http/errors/admin-error.js';
import { type RequestContext } from '../http/request-context.js';

/** `onceUsed`: what becomes of a decision when the request's verifier was redeemed; API generations differ (admin-api.md 4.2). */
type ConsentToDecide = { readonly challenge: string; readonly onceUsed: 'refused' | 'ignored' };

/** The consent app grants. Answers with the request that was decided; so does `RejectConsent`. */
export class AcceptConsent extends Command<ConsentRequestView> {
  constructor(
    readonly request: ConsentToDecide,
    readonly acceptance: ConsentAcceptance,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(AcceptConsent)
class AcceptConsentHandler implements ICommandHandler<AcceptConsent> {
  private readonly logger: Logger;

  constructor(
    private readonly context: CommandContext,
    log: ApplicationLog,
  ) {
    this.logger = log.logger;
  }

  async execute({ request, acceptance, by }: AcceptConsent) {
    const command = { type: 'AcceptConsent', data: acceptance, now: this.context.now() } as const;
    const decided = await decide(this.context, request, { command, by });
    const { requestedScope, requestedAudience, challenge } = decided;
    const beyond = acceptance.grantScope.filter((scope) => !requestedScope.includes(scope));
    const beyondAudience = acceptance.grantAudience.filter((audience) => !requestedAudience.includes(audience));
    if (beyond.length + beyondAudience.length > 0) {
      this.logger.warn({ challenge, scope: beyond, audience: beyondAudience }, 'more was granted than was requested');
    }
    return decided;
  }
}

export class RejectConsent extends Command<ConsentRequestView> {
  constructor(
    readonly request: ConsentToDecide,
    readonly rejection: Rejection,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(RejectConsent)
class RejectConsentHandler implements ICommandHandler<RejectConsent> {
  constructor(private readonly context: CommandContext) {}

  execute({ request, rejection, by }: RejectConsent) {
    const command = { type: 'RejectConsent', data: { rejection }, now: this.context.now() } as const;
    return decide(this.context, request, { command, by });
  }
}

/** The request must be there before deciding, and must not have died while the decision was appended. A repeat is not decided again. */
async function decide(
  context: CommandContext,
  { challenge, onceUsed }: ConsentToDecide,
  write: { readonly command: ConsentCommand; readonly by: RequestContext },
): Promise<ConsentRequestView> {
  const find = (): ConsentRequestView | undefined => findConsentRequest(context.readModel.db, challenge);
  const liveness = { isAlive: () => find() !== undefined, refusal: notFound };
  const request = find();
  await context.once(consent, challenge, write.by, () => {
    if (request === undefined) throw notFound();
    if (onceUsed === 'refused' && request.status === 'redeemed') throw consentUsed();
    return context.commit(consent, challenge, { ...write, liveness });
  });
  if (request === undefined) throw repeatOfWhatIsGone();
  return request;
}

export const consentHandlers = [AcceptConsentHandler, RejectConsentHandler];
