import { type PersonalRequest } from '#libs/domain';
import { decideLogin, openIdConnectContext, parameter, requestUrl, withParameters } from '#libs/oauth2';
import { ReadModel, findLoginSession } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Clock } from '../../commands/clock.js';
import { RequestLogin } from '../../commands/login.commands.js';
import { SubjectIdentifiers } from '../../commands/subject-identifiers.js';
import { Configuration } from '../../config/configuration.js';
import { IdTokens } from '../id-tokens.js';
import { type AuthorizeCall, AuthorizeCalls, type NextStep } from './authorize-call.js';
import { reportingTo } from './authorize-error.js';

type Validated = ReturnType<AuthorizeCalls['validate']>;

/** The first call of a flow: record what is asked for and send the browser to the login app (oauth2-flows.md 2.2, 2.3). */
@Injectable()
export class RequestLoginStep {
  constructor(
    private readonly commands: CommandBus,
    private readonly readModel: ReadModel,
    private readonly clock: Clock,
    private readonly calls: AuthorizeCalls,
    private readonly idTokens: IdTokens,
    private readonly identifiers: SubjectIdentifiers,
    private readonly configuration: Configuration,
  ) {}

  /** @throws AuthorizeError */
  async take(call: AuthorizeCall): Promise<NextStep> {
    const validated = this.calls.validate(call);
    return reportingTo(validated.target, () => this.request(call, validated));
  }

  private async request(call: AuthorizeCall, { client, valid }: Validated): Promise<NextStep> {
    const now = this.clock.now();
    const { browser, parameters, by } = call;
    const { sessionId } = browser;
    const session = sessionId === undefined ? undefined : findLoginSession(this.readModel.db, sessionId);
    const { idTokenHint, oidcContext } = await this.readHint(call, now);
    const subjectIdentifiers = session === undefined ? [] : this.identifiers.allFor(client, session.subject);
    const { prompt } = valid.request;
    const decision = decideLogin({ prompt, maxAge: valid.maxAge, hint: idTokenHint, session, subjectIdentifiers, now });
    const csrf = browser.csrfOfFlow('oauth2_authentication_csrf');
    const request = {
      ...{ clientId: client.clientId, clientIncarnation: client.incarnation, csrfHash: csrf.hash },
      ...{ request: valid.request, requestUrl: requestUrl(this.configuration.issuer, parameters), oidcContext },
      ...{ state: valid.state, nonce: valid.nonce, idTokenHint },
    };
    const rested = decision.kind === 'ask' ? undefined : session;
    const challenge = await this.commands.execute(new RequestLogin(request, rested, by));
    const redirectTo = withParameters(this.configuration.urls.login, { login_challenge: challenge });
    return { redirectTo, changes: [csrf.change] };
  }

  private async readHint(
    { parameters }: AuthorizeCall,
    now: Date,
  ): Promise<Pick<PersonalRequest, 'idTokenHint' | 'oidcContext'>> {
    const hint = parameter(parameters.values, 'id_token_hint');
    const claims = hint === undefined ? undefined : await this.idTokens.verifyHint(hint, now);
    const oidcContext = openIdConnectContext(parameters, claims);
    if (hint === undefined) return { idTokenHint: null, oidcContext };
    const subject = claims?.sub;
    return { idTokenHint: typeof subject === 'string' && subject !== '' ? { subject } : 'invalid', oidcContext };
  }
}
