import { Controller, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { EndSession } from '../commands/session.commands.js';
import { Configuration } from '../config/configuration.js';
import { Browsers } from './browser.js';
import { Route } from '../http/endpoint.js';

/** Logout of this browser (oauth2-flows.md 1.8): its login session ends; consents and tokens stay. */
@Controller()
export class LogoutController {
  constructor(
    private readonly commands: CommandBus,
    private readonly browsers: Browsers,
    private readonly configuration: Configuration,
  ) {}

  @Route({
    method: 'GET',
    path: '/oauth2/auth/sessions/login/revoke',
    catchesUp: 'first',
    status: 200,
    cacheControl: 'no-store',
  })
  async logout(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { sessionId } = this.browsers.of(request);
    if (sessionId !== undefined) await this.commands.execute(new EndSession(sessionId, 'logout', request.context));
    this.browsers.redirect(reply, this.configuration.urls.postLogoutRedirect, [{ forget: 'login' }]);
  }
}
