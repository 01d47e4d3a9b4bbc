import { RootKey } from '#libs/crypto';
import { type Consent, type ConsentDecision, consent, grant } from '#libs/domain';
import { fromRejection, oauthError, stableIdTokenClaims, successRedirect, validateIssuing } from '#libs/oauth2';
import { ReadModel, findAuthorizationCode, findClient, findConsentByVerifier } from '#libs/read-model';
import { type CommandScope, loadState } from '#libs/event-store';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandContext } from '../../commands/command-context.js';
import { Configuration } from '../../config/configuration.js';
import { type AuthorizeCall, AuthorizeCalls } from './authorize-call.js';
import { reportingTo } from './authorize-error.js';

/** The third call: redeem the consent verifier and send the browser to the client with a code (oauth2-flows.md 2.8). */
export class FinishConsent extends Command<void> {
  constructor(
    readonly call: AuthorizeCall,
    readonly verifier: string,
  ) {
    super();
  }
}

type Requested = Exclude<Consent, { status: 'none' }>['requested'];
type Accepted = Extract<ConsentDecision, { outcome: 'accepted' }>;

/** Writes two streams: the consent request's, which spends the verifier; then the grant's. */
@CommandHandler(FinishConsent)
export class FinishConsentHandler implements ICommandHandler<FinishConsent> {
  constructor(
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
    private readonly calls: AuthorizeCalls,
    private readonly configuration: Configuration,
  ) {}

  async execute({ call, verifier }: FinishConsent): Promise<void> {
    const found = findConsentByVerifier(this.readModel.db, this.root.secretValueHash(verifier));
    if (!found?.alive) this.calls.refuseVerifier(call);
    const { state } = await loadState(this.context.log, consent, found.challenge);
    if (state.status === 'none') this.calls.refuseVerifier(call);
    const { requested } = state;
    await reportingTo(this.calls.targetOf(call, requested), async () => {
      const scope = this.context.log.newCommand();
      const accepted = await this.redeem(call, requested, scope);
      const code = await this.issueCode(call, requested, accepted, scope);
      const { redirectUri } = requested.request;
      call.browser.redirect(successRedirect(redirectUri, { code, scope: accepted.grantScope, state: requested.state }));
    });
  }

  /** Expiry comes before the app's rejection here, unlike after the login. */
  private async redeem(call: AuthorizeCall, requested: Requested, scope: CommandScope): Promise<Accepted> {
    const now = this.context.now();
    const { state } = await this.context.append(consent, requested.challenge, {
      command: { type: 'RedeemConsentVerifier', now },
      by: call.by,
      scope,
    });
    if (state.status !== 'redeemed') throw oauthError('access_denied');
    const { decision } = state;
    if (Date.parse(requested.requestedAt) + this.configuration.ttlMs.loginConsentRequest < now.getTime()) {
      throw oauthError('request_unauthorized', 'The consent request has expired.');
    }
    if (decision.outcome === 'rejected') throw fromRejection(decision.rejection);
    call.browser.requireCsrf('oauth2_consent_csrf', requested.csrfHash);
    return decision;
  }

  private async issueCode(
    call: AuthorizeCall,
    requested: Requested,
    accepted: Accepted,
    scope: CommandScope,
  ): Promise<string> {
    const { request, requestUrl, nonce, clientId, clientIncarnation, challenge } = requested;
    const client = findClient(this.readModel.db, clientId);
    if (client?.incarnation !== clientIncarnation) throw oauthError('invalid_client');
    validateIssuing({
      request,
      requestUrl,
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
      idTokenClaims: this.stableClaims(requested, accepted),
    };
    const command = { type: 'IssueAuthorizationCode', data, now } as const;
    const { applied } = await this.context.commit(grant, challenge, { command, by: call.by, scope });
    if (applied && !findAuthorizationCode(this.readModel.db, codeHash)?.alive) throw oauthError('access_denied'); // revoked meanwhile
    return code;
  }

  private stableClaims(requested: Requested, accepted: Accepted) {
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
