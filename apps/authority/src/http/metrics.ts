import { Injectable } from '@nestjs/common';
import { Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Metrics of this process in the Prometheus text format. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of the answer',
    labelNames: ['listener', 'method', 'route', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [this.registry],
  });

  /** Looking a series up by its labels is dear, so each is looked up once; there are as many as routes and statuses. */
  private readonly series = new Map<string, { observe(seconds: number): void }>();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** `route` is the template, never the URL. */
  observe(labels: { listener: string; method: string; route: string; status: number }, seconds: number): void {
    const key = `${labels.listener} ${labels.method} ${labels.route} ${labels.status}`;
    let series = this.series.get(key);
    if (series === undefined) {
      series = this.requests.labels(labels);
      this.series.set(key, series);
    }
    series.observe(seconds);
  }
}
