import { Controller, Inject, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { type ListenerKind, listenerKind } from '../http/listener-kind.js';
import { Readiness } from './readiness.js';
import { Route } from '../http/endpoint.js';
import { isAlive, isReady } from './health.operations.js';

/** Health (oauth2-flows.md 1.10). The public listener does not say why it is not ready. */
@Controller()
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    @Inject(listenerKind) private readonly kind: ListenerKind,
  ) {}

  @Route(isAlive)
  alive(): string {
    return '{"status":"ok"}';
  }

  @Route(isReady)
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const why = await this.readiness.whyNot();
    if (why === undefined) return JSON.stringify({ status: 'ok', ...this.warnings() });
    reply.request.context.refusal = { error: 'not ready', cause: why.message };
    void reply.status(503);
    if (this.kind === 'public') return JSON.stringify({ errors: { database: 'The service is not ready' } });
    return JSON.stringify({ reason: why.reason, errors: { database: why.message } });
  }

  /** For administrators: what keeps nobody from being answered, and yet wants to be looked at. */
  private warnings(): { warnings?: { relay: string } } {
    const relay = this.kind === 'admin' ? this.readiness.whyNotPublishing() : undefined;
    return relay === undefined ? {} : { warnings: { relay } };
  }
}
