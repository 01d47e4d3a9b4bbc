import { RootKey, uuidV4, uuidV7 } from '#libs/crypto';
import {
  type AskedLogin,
  type LoginAcceptance,
  type LoginCommand,
  type LoginDecision,
  type LoginRequest,
  type Rejection,
  consent,
  login,
  session,
  subject,
} from '#libs/domain';
import { type CommandScope, StreamDeletedError } from '#libs/event-store';
import { fromRejection, oauthError, validateLoginOutcome } from '#libs/oauth2';
import {
  type ClientView,
  type LoginRequestView,
  findClient,
  findConsentRequest,
  findLoginSession,
} from '#libs/read-model';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandContext } from './command-context.js';
import { Configuration } from '../config/configuration.js';
import { notFound, repeatOfWhatIsGone } from '../http/errors/admin-error.js';
import { type RequestContext } from '../http/request-context.js';
import { type LoginChallenge, LoginRequests } from './login-requests.js';
import { RememberedConsents } from './remembered-consents.js';
import { SubjectIdentifiers } from './subject-identifiers.js';

/** The login app says who logged in. Answers with the request that was decided; so does `RejectLogin`. */
export class AcceptLogin extends Command<LoginRequestView> {
  constructor(
    readonly challenge: LoginChallenge,
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
    private readonly requests: LoginRequests,
    private readonly root: RootKey,
  ) {}

  execute({ challenge, acceptance, by }: AcceptLogin) {
    const data = { ...acceptance, subjectHash: this.root.subjectHash(acceptance.subject) };
    const command = { type: 'AcceptLogin', data, now: this.context.now() } as const;
    const { context, requests } = this;
    return decide({ context, requests, challenge, by }, (asked) => ({ ...command, asked }));
  }
}

export class RejectLogin extends Command<LoginRequestView> {
  constructor(
    readonly challenge: LoginChallenge,
    readonly rejection: Rejection,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(RejectLogin)
class RejectLoginHandler implements ICommandHandler<RejectLogin> {
  constructor(
    private readonly context: CommandContext,
    private readonly requests: LoginRequests,
  ) {}

  execute({ challenge, rejection, by }: RejectLogin) {
    const command = { type: 'RejectLogin', data: { rejection }, now: this.context.now() } as const;
    const { context, requests } = this;
    return decide({ context, requests, challenge, by }, (asked) => ({ ...command, asked }));
  }
}

type LoginToDecide = Pick<AcceptLogin, 'challenge' | 'by'> & {
  readonly context: CommandContext;
  readonly requests: LoginRequests;
};

/** The request must be there before deciding, and must not have died while the decision was appended. A repeat is not decided again. */
async function decide(
  { context, requests, challenge, by }: LoginToDecide,
  command: (asked: AskedLogin | undefined) => LoginCommand,
): Promise<LoginRequestView> {
  const { id } = challenge;
  const liveness = { isAlive: () => requests.find(challenge) !== undefined, refusal: notFound };
  const found = requests.find(challenge);
  const decided = context.once({ decider: login, id, by }, () => {
    if (found === undefined) throw notFound();
    return context.commit(login, id, { command: command(found.asked), by, liveness });
  });
  await unlessDeleted(decided, notFound);
  if (found === undefined) throw repeatOfWhatIsGone();
  return found.shown;
}

/** What is kept no longer is as good as unknown. */
async function unlessDeleted<Result>(step: Promise<Result>, refusal: () => Error): Promise<Result> {
  try {
    return await step;
  } catch (error) {
    throw error instanceof StreamDeletedError ? refusal() : error;
  }
}

/** What the cookies of the browser say, and what its flow is to be known by at the consent verifier. */
type KnownBrowser = {
  readonly sessionId: string | undefined;
  readonly csrfHash: string | undefined;
  readonly consentCsrfHash: string;
};

/** What became of the remembered login of the browser. */
export type LoginMemory =
  'as it was' | 'forgotten' | { readonly sessionId: string; readonly rememberForSeconds: number };

/** Spends the login verifier, remembers or forgets the login, and requests the consent; answers with that request's challenge. */
export class FinishLogin extends Command<{ readonly consentChallenge: string; readonly memory: LoginMemory }> {
  constructor(
    readonly id: string,
    readonly browser: KnownBrowser,
    readonly by: RequestContext,
  ) {
    super();
  }
}

type Flow = Pick<FinishLogin, 'browser' | 'by'> & {
  readonly requested: LoginRequest;
  readonly accepted: Extract<LoginDecision, { outcome: 'accepted' }>;
  readonly client: ClientView;
  readonly subjectIdentifier: string;
  readonly scope: CommandScope;
};

/**
 * Writes several streams, in this order: the login request's, which spends the verifier; then the session's and the subject's;
 * last the consent request's. After a crash in between the flow is spent and the user starts again.
 */
@CommandHandler(FinishLogin)
class FinishLoginHandler implements ICommandHandler<FinishLogin> {
  constructor(
    private readonly context: CommandContext,
    private readonly root: RootKey,
    private readonly identifiers: SubjectIdentifiers,
    private readonly consents: RememberedConsents,
    private readonly configuration: Configuration,
  ) {}

  async execute(command: FinishLogin) {
    const flow = await this.redeem(command);
    await this.rememberSubject(flow);
    const memory = await this.rememberLogin(flow);
    return { consentChallenge: await this.requestConsent(flow), memory };
  }

  /** Spends the verifier, whatever fails afterwards; then the checks of oauth2-flows.md 2.5 and 2.9. */
  private async redeem({ id, browser, by }: FinishLogin): Promise<Flow> {
    const scope = this.context.log.newCommand();
    const now = this.context.now();
    const command = { type: 'RedeemLoginVerifier', now } as const;
    const appended = this.context.append(login, id, { command, by, scope });
    const { state } = await unlessDeleted(appended, () => oauthError('access_denied'));
    if (state.status !== 'redeemed') throw oauthError('access_denied');
    const { requested, decision } = state;
    if (decision.outcome === 'rejected') throw fromRejection(decision.rejection);
    if (Date.parse(requested.requestedAt) + this.configuration.ttlMs.loginConsentRequest < now.getTime()) {
      throw oauthError('request_unauthorized', 'The login request has expired.');
    }
    if (browser.csrfHash !== requested.csrfHash) throw oauthError('request_forbidden');
    const client = findClient(this.context.readModel.db, requested.clientId);
    if (client?.incarnation !== requested.clientIncarnation) throw oauthError('invalid_client');
    const subjectIdentifier = this.identifiers.identifierFor(client, decision.subject, decision.forceSubjectIdentifier);
    validateLoginOutcome({
      ...{
        request: requested.request,
        registration: client.registration,
        hint: requested.idTokenHint,
        subjectIdentifier,
      },
      ...{ authenticatedAt: decision.authenticatedAt, requestedAt: requested.requestedAt, now },
    });
    return { browser, by, requested, accepted: decision, client, subjectIdentifier, scope };
  }

  private async rememberSubject({ by, requested, accepted, scope }: Flow): Promise<void> {
    const { subjectHash, subject: person, forceSubjectIdentifier: identifier } = accepted;
    if (identifier === '') return;
    const { clientId, clientIncarnation } = requested;
    const data = { subjectHash, subject: person, clientId, clientIncarnation, identifier };
    const command = { type: 'ForceSubjectIdentifier', data, now: this.context.now() } as const;
    await this.context.append(subject, subjectHash, { command, by, scope });
  }

  /** The table of oauth2-flows.md 2.5, number 9; the session of another person in this browser ends. */
  private async rememberLogin({ browser, by, requested, accepted, scope }: Flow): Promise<LoginMemory> {
    if (requested.session !== null) return 'as it was';
    const { sessionId: known } = browser;
    const previous = known === undefined ? undefined : findLoginSession(this.context.readModel.db, known);
    const now = this.context.now();
    if (previous !== undefined && (!accepted.remember || previous.subject !== accepted.subject)) {
      const data = { sessionId: previous.sessionId, cause: 'other-login' as const };
      const command = { type: 'EndSession', data, now } as const;
      await this.context.append(session, previous.sessionId, { command, by, scope });
    }
    if (!accepted.remember) return 'forgotten';
    const sessionId = uuidV4();
    const { subjectHash, subject: person, authenticatedAt } = accepted;
    const data = { sessionId, subjectHash, subject: person, authenticatedAt, loginChallenge: requested.challenge };
    await this.context.append(session, sessionId, { command: { type: 'StartSession', data, now }, by, scope });
    return { sessionId, rememberForSeconds: accepted.rememberForSeconds };
  }

  private async requestConsent(flow: Flow): Promise<string> {
    const { browser, by, requested, accepted, client, subjectIdentifier, scope } = flow;
    const now = this.context.now();
    const rememberedConsent = this.consents.covering({
      client,
      request: requested.request,
      subjectHash: accepted.subjectHash,
      now,
    });
    if (rememberedConsent === null && requested.request.prompt.includes('none')) throw oauthError('consent_required');
    const challenge = uuidV7(now).replaceAll('-', '');
    const { requestedAt, request, requestUrl, oidcContext, state, nonce, idTokenHint } = requested;
    const data = {
      challenge,
      loginChallenge: requested.challenge,
      loginSessionId: requested.session?.sessionId ?? null,
      clientId: client.clientId,
      clientIncarnation: client.incarnation,
      requestedAt,
      verifierHash: this.root.secretValueHash(this.root.verifier('consent', challenge)),
      csrfHash: browser.consentCsrfHash,
      ...{ request, requestUrl, oidcContext, state, nonce, idTokenHint },
      rememberedConsent,
      subjectHash: accepted.subjectHash,
      subject: accepted.subject,
      subjectIdentifier,
      authenticatedAt: accepted.authenticatedAt,
      acr: accepted.acr,
      ...(accepted.amr === undefined ? {} : { amr: accepted.amr }),
      ...(accepted.context === undefined ? {} : { context: accepted.context }),
    };
    const command = { type: 'RequestConsent', data, now } as const;
    const { db } = this.context.readModel;
    await this.context.commit(consent, challenge, {
      ...{ command, by, scope },
      liveness: {
        isAlive: () => findConsentRequest(db, challenge) !== undefined,
        refusal: () => oauthError('access_denied'),
      },
    });
    return challenge;
  }
}

export const loginHandlers = [AcceptLoginHandler, RejectLoginHandler, FinishLoginHandler];
