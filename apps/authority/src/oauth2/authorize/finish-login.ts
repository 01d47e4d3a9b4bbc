import { RootKey, uuidV4, uuidV7 } from '#libs/crypto';
import { type Login, type LoginDecision, consent, login, session, subject } from '#libs/domain';
import {
  consentSkippable,
  coversScopes,
  fromRejection,
  oauthError,
  scopeStrategy,
  validateLoginOutcome,
  withParameters,
} from '#libs/oauth2';
import {
  type ClientView,
  ReadModel,
  findClient,
  findConsentRequest,
  findLoginByVerifier,
  findRememberedConsent,
} from '#libs/read-model';
import { type CommandScope, loadState } from '#libs/event-store';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandContext } from '../../commands/command-context.js';
import { Configuration } from '../../config/configuration.js';
import { type AuthorizeCall, AuthorizeCalls } from './authorize-call.js';
import { reportingTo } from './authorize-error.js';
import { SubjectIdentifiers } from '../../commands/subject-identifiers.js';

/**
 * The second call: redeem the login verifier, remember or forget the login, and send the browser to the consent app
 * (oauth2-flows.md 2.5 to 2.7).
 */
export class FinishLogin extends Command<void> {
  constructor(
    readonly call: AuthorizeCall,
    readonly verifier: string,
  ) {
    super();
  }
}

type Requested = Exclude<Login, { status: 'none' }>['requested'];
type Accepted = Extract<LoginDecision, { outcome: 'accepted' }>;
type Flow = {
  readonly call: AuthorizeCall;
  readonly requested: Requested;
  readonly accepted: Accepted;
  readonly client: ClientView;
  readonly subjectIdentifier: string;
  readonly scope: CommandScope;
};

/**
 * Writes several streams, in this order: the login request's, which spends the verifier; then the session's and the subject's;
 * last the consent request's. After a crash in between the flow is spent and the user starts again.
 */
@CommandHandler(FinishLogin)
export class FinishLoginHandler implements ICommandHandler<FinishLogin> {
  constructor(
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
    private readonly calls: AuthorizeCalls,
    private readonly identifiers: SubjectIdentifiers,
    private readonly configuration: Configuration,
  ) {}

  async execute({ call, verifier }: FinishLogin): Promise<void> {
    const found = findLoginByVerifier(this.readModel.db, this.root.secretValueHash(verifier));
    if (!found?.alive) this.calls.refuseVerifier(call);
    const { state } = await loadState(this.context.log, login, found.challenge);
    if (state.status === 'none') this.calls.refuseVerifier(call);
    await reportingTo(this.calls.targetOf(call, state.requested), async () => {
      const flow = await this.redeem(call, found.challenge);
      await this.rememberSubject(flow);
      await this.rememberLogin(flow);
      const { challenge, applied } = await this.requestConsent(flow);
      const isThere = !applied || findConsentRequest(this.readModel.db, challenge) !== undefined;
      if (!isThere) throw oauthError('access_denied'); // died meanwhile
      call.browser.redirect(withParameters(this.configuration.urls.consent, { consent_challenge: challenge }));
    });
  }

  /** Spends the verifier, whatever fails afterwards; then the checks of oauth2-flows.md 2.5 and 2.9. */
  private async redeem(call: AuthorizeCall, challenge: string): Promise<Flow> {
    const scope = this.context.log.newCommand();
    const now = this.context.now();
    const { state } = await this.context.append(login, challenge, {
      command: { type: 'RedeemLoginVerifier', now },
      by: call.by,
      scope,
    });
    if (state.status !== 'redeemed') throw oauthError('access_denied');
    const { requested, decision } = state;
    if (decision.outcome === 'rejected') throw fromRejection(decision.rejection);
    if (Date.parse(requested.requestedAt) + this.configuration.ttlMs.loginConsentRequest < now.getTime()) {
      throw oauthError('request_unauthorized', 'The login request has expired.');
    }
    call.browser.requireCsrf('oauth2_authentication_csrf', requested.csrfHash);
    const client = findClient(this.readModel.db, requested.clientId);
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
    return { call, requested, accepted: decision, client, subjectIdentifier, scope };
  }

  private async rememberSubject({ call, requested, accepted, scope }: Flow): Promise<void> {
    const { subjectHash, subject: person, forceSubjectIdentifier: identifier } = accepted;
    if (identifier === '') return;
    const { clientId, clientIncarnation } = requested;
    const data = { subjectHash, subject: person, clientId, clientIncarnation, identifier };
    const command = { type: 'ForceSubjectIdentifier', data, now: this.context.now() } as const;
    await this.context.append(subject, subjectHash, { command, by: call.by, scope });
  }

  /** The table of oauth2-flows.md 2.5, number 9; the session of another person in this browser ends. */
  private async rememberLogin({ call, requested, accepted, scope }: Flow): Promise<void> {
    if (requested.session !== null) return;
    const { browser, by } = call;
    const previous = browser.loginSession();
    const now = this.context.now();
    if (previous !== undefined && (!accepted.remember || previous.subject !== accepted.subject)) {
      const data = { sessionId: previous.sessionId, cause: 'other-login' as const };
      await this.context.append(session, previous.sessionId, { command: { type: 'EndSession', data, now }, by, scope });
    }
    if (!accepted.remember) {
      browser.forgetLogin();
      return;
    }
    const sessionId = uuidV4();
    const { subjectHash, subject: person, authenticatedAt } = accepted;
    const data = { sessionId, subjectHash, subject: person, authenticatedAt, loginChallenge: requested.challenge };
    await this.context.append(session, sessionId, { command: { type: 'StartSession', data, now }, by, scope });
    browser.rememberLogin(sessionId, accepted.rememberForSeconds);
  }

  private async requestConsent(flow: Flow): Promise<{ challenge: string; applied: boolean }> {
    const { call, requested, accepted, client, subjectIdentifier, scope } = flow;
    const now = this.context.now();
    const rememberedConsent = this.rememberedConsent(flow, now);
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
      csrfHash: call.browser.csrfHash('oauth2_consent_csrf'),
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
    const { applied } = await this.context.commit(consent, challenge, { command, by: call.by, scope });
    return { challenge, applied };
  }

  /** The challenge of the remembered consent that covers this request, if there is one (oauth2-flows.md 2.6). */
  private rememberedConsent({ requested, accepted, client }: Flow, now: Date): string | null {
    const { redirectUri, prompt, scope } = requested.request;
    if (!consentSkippable({ prompt, registration: client.registration, redirectUri })) return null;
    const { clientId, incarnation: clientIncarnation } = client;
    const remembered = findRememberedConsent(this.readModel.db, {
      subjectHash: accepted.subjectHash,
      clientId,
      clientIncarnation,
      now,
    });
    if (remembered === undefined) return null;
    const strategy = scopeStrategy(this.configuration.scopeStrategy);
    return coversScopes(strategy, remembered.grantScope, scope) ? remembered.challenge : null;
  }
}
