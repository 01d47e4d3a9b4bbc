import { type PersonalRequest } from '#libs/domain';
import { decideLogin, oauthError, parameter, refuseLongValues, understoodHint, withParameters } from '#libs/oauth2';
import { ReadModel, findLoginSession } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../commands/clock.js';
import { LoginRequests } from '../../commands/login-requests.js';
import { SubjectIdentifiers } from '../../commands/subject-identifiers.js';
import { Configuration } from '../../config/configuration.js';
import { IdTokens } from '../id-tokens.js';
import { type AuthorizeCall, AuthorizeCalls, type NextStep } from './authorize-call.js';
import { AuthorizeError, reportingTo } from './authorize-error.js';

type Validated = ReturnType<AuthorizeCalls['validate']>;

/**
 * The first call of a flow: send the browser to the login app, with a challenge that holds what is asked for (oauth2-flows.md 2.2, 2.3).
 * Nothing is recorded: whoever knows a client's id may make this call, as often as they like.
 */
@Injectable()
export class RequestLoginStep {
  constructor(
    private readonly readModel: ReadModel,
    private readonly clock: Clock,
    private readonly calls: AuthorizeCalls,
    private readonly requests: LoginRequests,
    private readonly idTokens: IdTokens,
    private readonly identifiers: SubjectIdentifiers,
    private readonly configuration: Configuration,
  ) {}

  /** @throws AuthorizeError | OAuthError, which is shown on the error page */
  async take(call: AuthorizeCall): Promise<NextStep> {
    refuseLongValues(call.parameters);
    const validated = this.calls.validate(call);
    return reportingTo(validated.target, () => this.request(call, validated));
  }

  private async request({ browser, parameters }: AuthorizeCall, { client, valid }: Validated): Promise<NextStep> {
    const now = this.clock.now();
    const session =
      browser.sessionId === undefined ? undefined : findLoginSession(this.readModel.db, browser.sessionId);
    const hint = await this.readHint(parameter(parameters.values, 'id_token_hint'), now);
    const subjectIdentifiers = session === undefined ? [] : this.identifiers.allFor(client, session.subject);
    const { prompt, redirectUri } = valid.request;
    const { maxAge } = valid;
    const decision = decideLogin({ prompt, maxAge, hint: hint.understood, session, subjectIdentifiers, now });
    const csrf = browser.csrfOfFlow('oauth2_authentication_csrf');
    const challenge = this.requests.newChallenge({
      ...{ clientIncarnation: client.incarnation, requestedAt: now, csrfHash: csrf.hash, redirectUri },
      sessionId: decision.kind === 'ask' ? null : decision.session.sessionId,
      ...{ hintVerified: hint.verified, rawQuery: parameters.rawQuery },
    });
    if (challenge === undefined)
      throw new AuthorizeError(oauthError('invalid_request', 'The request is too long.'), undefined);
    const redirectTo = withParameters(this.configuration.urls.login, { login_challenge: challenge });
    return { redirectTo, changes: [csrf.change] };
  }

  private async readHint(
    hint: string | undefined,
    now: Date,
  ): Promise<{ understood: PersonalRequest['idTokenHint']; verified: boolean }> {
    const claims = hint === undefined ? undefined : await this.idTokens.verifyHint(hint, now);
    return { understood: understoodHint(hint, claims), verified: claims !== undefined };
  }
}
