import { type DynamicModule } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { CommandBus, CqrsModule, type ICommand } from '@nestjs/cqrs';
import { toProtocolError } from '../http/errors/to-protocol-error.js';
import { type CommandOutcome, type Metrics } from '../http/metrics.js';

/** Counts and times every command. Whatever else concerns all of them, such as a trace span, belongs here. */
class MeasuredCommandBus extends CommandBus {
  constructor(
    moduleRef: ModuleRef,
    private readonly metrics: Metrics,
  ) {
    super(moduleRef);
  }

  override async execute<Result>(command: ICommand): Promise<Result> {
    const startedAtMs = performance.now();
    let outcome: CommandOutcome = 'done';
    try {
      return await super.execute<ICommand, Result>(command);
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      this.metrics.observeCommand(command.constructor.name, outcome, (performance.now() - startedAtMs) / 1000);
    }
  }
}

/** Goes by what the caller is answered. */
function outcomeOf(error: unknown): CommandOutcome {
  const status = toProtocolError(error)?.status ?? 500;
  if (status === 503) return 'unavailable';
  return status < 500 ? 'refused' : 'failed';
}

/** Nest's command handling, with this bus for all who ask for a `CommandBus`. */
export function measuredCqrs(metrics: Metrics): DynamicModule {
  const cqrs = CqrsModule.forRoot();
  const useFactory = (moduleRef: ModuleRef): CommandBus => new MeasuredCommandBus(moduleRef, metrics);
  return { ...cqrs, providers: [...(cqrs.providers ?? []), { provide: CommandBus, useFactory, inject: [ModuleRef] }] };
}
