import { retention } from '#libs/domain';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CommandContext } from './command-context.js';
import { Configuration } from '../config/configuration.js';
import { type RequestContext } from '../http/request-context.js';

/** Ends access tokens that are old enough; `notAfter` null: now (admin-api.md 2.24). */
export class FlushTokens extends Command<unknown> {
  constructor(
    readonly notAfter: Date | null,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(FlushTokens)
class FlushTokensHandler implements ICommandHandler<FlushTokens> {
  constructor(
    private readonly context: CommandContext,
    private readonly configuration: Configuration,
  ) {}

  execute({ notAfter, by }: FlushTokens) {
    const data = { notAfter, accessTokenLifespanSeconds: this.configuration.ttlMs.accessToken / 1000 };
    const command = { type: 'FlushTokens', data, now: this.context.now() } as const;
    return this.context.commit(retention, 'retention', { command, by });
  }
}

/** Records how many operational streams were deleted since a time, by their kind. */
export class RecordRetention extends Command<unknown> {
  constructor(
    readonly deleted: Readonly<Record<string, number>>,
    readonly since: Date,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(RecordRetention)
class RecordRetentionHandler implements ICommandHandler<RecordRetention> {
  constructor(
    private readonly context: CommandContext,
    private readonly configuration: Configuration,
  ) {}

  execute({ deleted, since, by }: RecordRetention) {
    const data = { deleted, since, graceSeconds: this.configuration.retention.graceMs / 1000 };
    const command = { type: 'RecordRetention', data, now: this.context.now() } as const;
    return this.context.append(retention, 'retention', { command, by });
  }
}

export const retentionHandlers = [FlushTokensHandler, RecordRetentionHandler];
