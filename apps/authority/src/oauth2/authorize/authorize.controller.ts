import { parameter, parseAuthorizeParameters } from '#libs/oauth2';
import { Controller, Req, Res, UseFilters } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { encodeForm } from '#libs/oauth2';
import { formBody } from '../../http/form-body.js';
import { AuthorizeErrorFilter } from './authorize-error.js';
import { Browsers } from '../browser.js';
import { FinishConsent } from './finish-consent.js';
import { FinishLogin } from './finish-login.js';
import { RequestLogin } from './request-login.js';
import { Route } from '../../http/endpoint.js';

/**
 * The authorization endpoint (RFC 6749 3.1). It is called three times in a flow: to start it, with the login verifier, and with
 * the consent verifier (oauth2-flows.md 2.1).
 */
@Controller()
@UseFilters(AuthorizeErrorFilter)
export class AuthorizeController {
  constructor(
    private readonly commands: CommandBus,
    private readonly browsers: Browsers,
  ) {}

  @Route({ method: 'GET', path: '/oauth2/auth', catchesUp: 'first', status: 200 })
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.authorize(request, reply, '');
  }

  @Route({ method: 'POST', path: '/oauth2/auth', catchesUp: 'first', status: 200 })
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.authorize(request, reply, encodeForm(await formBody(request)));
  }

  private async authorize(request: FastifyRequest, reply: FastifyReply, body: string): Promise<void> {
    const mark = request.url.indexOf('?');
    const parameters = parseAuthorizeParameters(mark === -1 ? '' : request.url.slice(mark + 1), body);
    const call = { parameters, browser: this.browsers.of(request, reply), by: request.context };
    const loginVerifier = parameter(parameters.values, 'login_verifier');
    const consentVerifier = parameter(parameters.values, 'consent_verifier');
    if (loginVerifier !== undefined) await this.commands.execute(new FinishLogin(call, loginVerifier));
    else if (consentVerifier !== undefined) await this.commands.execute(new FinishConsent(call, consentVerifier));
    else await this.commands.execute(new RequestLogin(call));
  }
}
