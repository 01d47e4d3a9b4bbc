import { parameter, parseAuthorizeParameters } from '#libs/oauth2';
import { Controller, Req, Res, UseFilters } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { encodeForm } from '#libs/oauth2';
import { formBody } from '../../http/form-body.js';
import { type AuthorizeCall, type NextStep } from './authorize-call.js';
import { AuthorizeErrorFilter } from './authorize-error.js';
import { Browsers } from '../browser.js';
import { FinishConsentStep } from './finish-consent.js';
import { FinishLoginStep } from './finish-login.js';
import { RequestLoginStep } from './request-login.js';
import { Route } from '../../http/endpoint.js';

/** Each answer sends on one browser: with a challenge, a verifier, a code, and cookies. */
const endpoint = { path: '/oauth2/auth', catchesUp: 'first', status: 200, cacheControl: 'no-store' } as const;

/**
 * The authorization endpoint (RFC 6749 3.1). It is called three times in a flow: to start it, with the login verifier, and with
 * the consent verifier (oauth2-flows.md 2.1).
 */
@Controller()
@UseFilters(AuthorizeErrorFilter)
export class AuthorizeController {
  constructor(
    private readonly browsers: Browsers,
    private readonly requestLogin: RequestLoginStep,
    private readonly finishLogin: FinishLoginStep,
    private readonly finishConsent: FinishConsentStep,
  ) {}

  @Route({ ...endpoint, method: 'GET' })
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.authorize(request, reply, '');
  }

  @Route({ ...endpoint, method: 'POST' })
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.authorize(request, reply, encodeForm(await formBody(request)));
  }

  private async authorize(request: FastifyRequest, reply: FastifyReply, body: string): Promise<void> {
    const mark = request.url.indexOf('?');
    const parameters = parseAuthorizeParameters(mark === -1 ? '' : request.url.slice(mark + 1), body);
    const call = { parameters, browser: this.browsers.of(request), by: request.context };
    const { redirectTo, changes } = await this.take(call);
    this.browsers.redirect(reply, redirectTo, changes);
  }

  private take(call: AuthorizeCall): Promise<NextStep> {
    const { values } = call.parameters;
    const loginVerifier = parameter(values, 'login_verifier');
    if (loginVerifier !== undefined) return this.finishLogin.take(call, loginVerifier);
    const consentVerifier = parameter(values, 'consent_verifier');
    if (consentVerifier !== undefined) return this.finishConsent.take(call, consentVerifier);
    return this.requestLogin.take(call);
  }
}
