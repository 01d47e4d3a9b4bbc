import { session } from '#libs/domain';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { CommandContext } from '../commands/command-context.js';
import { Configuration } from '../config/configuration.js';
import { type RequestContext } from '../http/request-context.js';
import { Browsers } from './authorize/browser.js';

class EndSession extends Command<unknown> {
  constructor(
    readonly sessionId: string,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(EndSession)
export class EndSessionHandler implements ICommandHandler<EndSession> {
  constructor(private readonly context: CommandContext) {}

  execute({ sessionId, by }: EndSession) {
    const data = { sessionId, cause: 'logout' as const };
    return this.context.commit(session, sessionId, { type: 'EndSession', data, now: this.context.now() }, by);
  }
}

/** Logout of this browser (oauth2-flows.md 1.8): its login session ends; consents and tokens stay. */
@Controller('oauth2/auth/sessions/login/revoke')
export class LogoutController {
  constructor(
    private readonly commands: CommandBus,
    private readonly browsers: Browsers,
    private readonly configuration: Configuration,
  ) {}

  @Get()
  async logout(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const browser = this.browsers.of(request, reply);
    const { sessionId } = browser;
    if (sessionId !== undefined) await this.commands.execute(new EndSession(sessionId, request.context));
    browser.forgetLogin();
    browser.redirect(this.configuration.urls.postLogoutRedirect);
  }
}
