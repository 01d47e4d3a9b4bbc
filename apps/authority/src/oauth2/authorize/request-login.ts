import { RootKey, uuidV7 } from '#libs/crypto';
import { type PersonalRequest, login } from '#libs/domain';
import { decideLogin, oauthError, openIdConnectContext, parameter, requestUrl, withParameters } from '#libs/oauth2';
import { ReadModel, findLoginRequest } from '#libs/read-model';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandContext } from '../../commands/command-context.js';
import { Configuration } from '../../config/configuration.js';
import { IdTokens } from '../id-tokens.js';
import { type AuthorizeCall, AuthorizeCalls } from './authorize-call.js';
import { reportingTo } from './authorize-error.js';
import { SubjectIdentifiers } from '../../commands/subject-identifiers.js';

/** The first call of a flow: record what is asked for and send the browser to the login app (oauth2-flows.md 2.2, 2.3). */
export class RequestLogin extends Command<void> {
  constructor(readonly call: AuthorizeCall) {
    super();
  }
}

type Validated = ReturnType<AuthorizeCalls['validate']>;

@CommandHandler(RequestLogin)
export class RequestLoginHandler implements ICommandHandler<RequestLogin> {
  constructor(
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
    private readonly calls: AuthorizeCalls,
    private readonly idTokens: IdTokens,
    private readonly identifiers: SubjectIdentifiers,
    private readonly configuration: Configuration,
  ) {}

  async execute({ call }: RequestLogin): Promise<void> {
    const validated = this.calls.validate(call);
    await reportingTo(validated.target, async () => {
      const { challenge, applied } = await this.request(call, validated);
      const isThere = !applied || findLoginRequest(this.readModel.db, challenge) !== undefined;
      if (!isThere) throw oauthError('invalid_client'); // deleted meanwhile
      call.browser.redirect(withParameters(this.configuration.urls.login, { login_challenge: challenge }));
    });
  }

  private async request(
    call: AuthorizeCall,
    { client, valid }: Validated,
  ): Promise<{ challenge: string; applied: boolean }> {
    const now = this.context.now();
    const { browser, parameters, by } = call;
    const session = browser.loginSession();
    const { idTokenHint, oidcContext } = await this.readHint(call);
    const subjectIdentifiers = session === undefined ? [] : this.identifiers.allFor(client, session.subject);
    const { prompt } = valid.request;
    const decision = decideLogin({ prompt, maxAge: valid.maxAge, hint: idTokenHint, session, subjectIdentifiers, now });
    const challenge = uuidV7(now).replaceAll('-', '');
    const data = {
      challenge,
      clientId: client.clientId,
      clientIncarnation: client.incarnation,
      verifierHash: this.root.secretValueHash(this.root.verifier('login', challenge)),
      csrfHash: browser.csrfHash('oauth2_authentication_csrf'),
      request: valid.request,
      requestUrl: requestUrl(this.configuration.issuer, parameters),
      oidcContext,
      state: valid.state,
      nonce: valid.nonce,
      idTokenHint,
    };
    if (decision.kind === 'ask' || session === undefined) {
      const asking = { ...data, session: null };
      const { applied } = await this.context.commit(login, challenge, {
        command: { type: 'RequestLogin', data: asking, now },
        by,
      });
      return { challenge, applied };
    }
    const { sessionId, authenticatedAt, subject, subjectHash } = session;
    const skipped = { ...data, session: { sessionId, authenticatedAt }, subject, subjectHash };
    const { applied } = await this.context.commit(login, challenge, {
      command: { type: 'RequestLogin', data: skipped, now },
      by,
    });
    return { challenge, applied };
  }

  private async readHint({ parameters }: AuthorizeCall): Promise<Pick<PersonalRequest, 'idTokenHint' | 'oidcContext'>> {
    const hint = parameter(parameters.values, 'id_token_hint');
    const claims = hint === undefined ? undefined : await this.idTokens.verifyHint(hint, this.context.now());
    const oidcContext = openIdConnectContext(parameters, claims);
    if (hint === undefined) return { idTokenHint: null, oidcContext };
    const subject = claims?.sub;
    return { idTokenHint: typeof subject === 'string' && subject !== '' ? { subject } : 'invalid', oidcContext };
  }
}
