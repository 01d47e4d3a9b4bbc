import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { type ListenerKind, listenerKind } from '../http/listener-kind.js';
import { Readiness } from './readiness.js';

/** Health (oauth2-flows.md 1.10). The public listener does not say why it is not ready. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    @Inject(listenerKind) private readonly kind: ListenerKind,
  ) {}

  @Get('alive')
  @Header('content-type', 'application/json')
  alive(): string {
    return '{"status":"ok"}';
  }

  @Get('ready')
  @Header('content-type', 'application/json')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const why = await this.readiness.whyNot();
    if (why === undefined) return '{"status":"ok"}';
    void reply.status(503);
    return JSON.stringify({ errors: { database: this.kind === 'admin' ? why : 'The service is not ready' } });
  }
}
