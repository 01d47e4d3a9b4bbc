import { RootKey } from '#libs/crypto';
import {
  type Consent,
  type ConsentAcceptance,
  type ConsentCommand,
  type ConsentDecision,
  type Rejection,
  consent,
  grant,
} from '#libs/domain';
import { type CommandScope } from '#libs/event-store';
import {
  fromRejection,
  oauthError,
  parameter,
  stableIdTokenClaims,
  storedParameters,
  validateIssuing,
} from '#libs/oauth2';
import { type ConsentRequestView, findAuthorizationCode, findClient, findConsentRequest } from '#libs/read-model';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Logger } from 'pino';
import { CommandContext } from './command-context.js';
import { Configuration } from '../config/configuration.js';
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
  await context.once({ decider: consent, id: challenge, by: write.by }, () => {
    if (request === undefined) throw notFound();
    if (onceUsed === 'refused' && request.status === 'redeemed') throw consentUsed();
    return context.commit(consent, challenge, { ...write, liveness });
  });
  if (request === undefined) throw repeatOfWhatIsGone();
  return request;
}

/** Spends the consent verifier and issues a code. `csrfHash`: of what the browser has, if it has something. */
export class FinishConsent extends Command<{ readonly code: string; readonly scope: readonly string[] }> {
  constructor(
    readonly challenge: string,
    readonly csrfHash: string | undefined,
    readonly by: RequestContext,
  ) {
    super();
  }
}

type Redeemed = {
  readonly requested: Exclude<Consent, { status: 'none' }>['requested'];
  readonly accepted: Extract<ConsentDecision, { outcome: 'accepted' }>;
};

/** Writes two streams: the consent request's, which spends the verifier; then the grant's. */
@CommandHandler(FinishConsent)
class FinishConsentHandler implements ICommandHandler<FinishConsent> {
  constructor(
    private readonly context: CommandContext,
    private readonly root: RootKey,
    private readonly configuration: Configuration,
  ) {}

  async execute(command: FinishConsent) {
    const scope = this.context.log.newCommand();
    const redeemed = await this.redeem(command, scope);
    return { code: await this.issueCode(redeemed, command.by, scope), scope: redeemed.accepted.grantScope };
  }

  /** Expiry comes before the app's rejection here, unlike after the login. */
  private async redeem({ challenge, csrfHash, by }: FinishConsent, scope: CommandScope): Promise<Redeemed> {
    const now = this.context.now();
    const command = { type: 'RedeemConsentVerifier', now } as const;
    const { state } = await this.context.append(consent, challenge, { command, by, scope });
    if (state.status !== 'redeemed') throw oauthError('access_denied');
    const { requested, decision } = state;
    if (Date.parse(requested.requestedAt) + this.configuration.ttlMs.loginConsentRequest < now.getTime()) {
      throw oauthError('request_unauthorized', 'The consent request has expired.');
    }
    if (decision.outcome === 'rejected') throw fromRejection(decision.rejection);
    if (csrfHash !== requested.csrfHash) throw oauthError('request_forbidden');
    return { requested, accepted: decision };
  }

  private async issueCode({ requested, accepted }: Redeemed, by: RequestContext, scope: CommandScope): Promise<string> {
    const { request, requestUrl, nonce, clientId, clientIncarnation, challenge } = requested;
    const client = findClient(this.context.readModel.db, clientId);
    if (client?.incarnation !== clientIncarnation) throw oauthError('invalid_client');
    validateIssuing({
      request,
      codeChallengeMethod: parameter(storedParameters(requestUrl).values, 'code_challenge_method'),
      nonce,
      registration: client.registration,
      grantedScope: accepted.grantScope,
    });
    const now = this.context.now();
    const { token: code, hash: codeHash } = this.root.mintToken();
    const { subject, subjectHash, subjectIdentifier } = requested;
    const data = {
      ...{
        grantId: challenge,
        clientId,
        clientIncarnation,
        consentChallenge: challenge,
        codeHash,
        nonce,
        subject,
        subjectHash,
      },
      scope: accepted.grantScope,
      audience: accepted.grantAudience,
      redirectUri: request.redirectUriSent ? request.redirectUri : null,
      codeChallenge: request.codeChallenge,
      expiresAt: new Date(now.getTime() + this.configuration.ttlMs.authCode).toISOString(),
      ...(subjectIdentifier === subject ? {} : { obfuscatedSubject: subjectIdentifier }),
      ext: accepted.session.accessToken,
      idTokenClaims: this.stableClaims({ requested, accepted }),
    };
    const command = { type: 'IssueAuthorizationCode', data, now } as const;
    const { db } = this.context.readModel;
    await this.context.commit(grant, challenge, {
      ...{ command, by, scope },
      liveness: {
        isAlive: () => findAuthorizationCode(db, codeHash)?.alive === true,
        refusal: () => oauthError('access_denied'), // revoked meanwhile
      },
    });
    return code;
  }

  private stableClaims({ requested, accepted }: Redeemed) {
    const { subjectIdentifier, authenticatedAt, requestedAt, acr, request } = requested;
    const { acrValues } = request;
    return stableIdTokenClaims({
      subjectIdentifier,
      authenticatedAt,
      requestedAt,
      acr,
      acrValues,
      custom: accepted.session.idToken,
    });
  }
}

export const consentHandlers = [AcceptConsentHandler, RejectConsentHandler, FinishConsentHandler];
