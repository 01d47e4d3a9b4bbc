import { Controller, Get, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { Metrics } from '../http/metrics.js';

/** Prometheus scrapes the admin listener (oauth2-flows.md 1.10). */
@Controller('metrics/prometheus')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  async metricsText(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', this.metrics.registry.contentType);
    return this.metrics.registry.metrics();
  }
}
