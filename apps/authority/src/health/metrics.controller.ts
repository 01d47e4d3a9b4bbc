import { Controller, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { Metrics } from '../http/metrics.js';
import { Route } from '../http/endpoint.js';
import { prometheus } from './health.operations.js';

/** Prometheus scrapes the admin listener (oauth2-flows.md 1.10). */
@Controller()
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Route(prometheus)
  async metricsText(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', this.metrics.registry.contentType);
    return this.metrics.registry.metrics();
  }
}
