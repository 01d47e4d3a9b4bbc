import { Injectable } from '@nestjs/common';
import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** How a command ended: `refused` when its caller was answered 4xx, `unavailable` when 503, `failed` when it was a mistake of ours. */
export type CommandOutcome = 'done' | 'refused' | 'unavailable' | 'failed';

const outcomes = 'by outcome: done, refused (answered 4xx), unavailable (503) or failed (a mistake of the server)';

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

  private readonly commands = new Counter({
    name: 'hydrant_commands_total',
    help: `Commands that came to an end, ${outcomes}`,
    labelNames: ['command', 'outcome'] as const,
    registers: [this.registry],
  });
  private readonly commandDurations = new Histogram({
    name: 'hydrant_command_duration_seconds',
    help: `Time from a command to its end, the answer of the event store included, ${outcomes}`,
    labelNames: ['command', 'outcome'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.registry],
  });

  /** Looking a series up by its labels is dear, so each is looked up once; there are as many as routes and statuses, commands and outcomes. */
  private readonly series = new Map<string, { observe(seconds: number): void }>();
  private readonly commandSeries = new Map<string, { observe(seconds: number): void }>();

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

  observeCommand(command: string, outcome: CommandOutcome, seconds: number): void {
    const key = `${command} ${outcome}`;
    let series = this.commandSeries.get(key);
    if (series === undefined) {
      const labels = { command, outcome };
      const [count, duration] = [this.commands.labels(labels), this.commandDurations.labels(labels)];
      series = {
        observe: (took) => {
          count.inc();
          duration.observe(took);
        },
      };
      this.commandSeries.set(key, series);
    }
    series.observe(seconds);
  }
}
