import { type ReadModel, cleanUp } from '#libs/read-model';
import { type CommandBus } from '@nestjs/cqrs';
import { DiscardOrphanSecrets } from '../commands/key-set.commands.js';
import { type Clock } from '../commands/clock.js';
import { type ApplicationLog } from '../http/application-log.js';

const intervalMs = 60_000;
const rowsPerStep = 500;

/** Once a minute: dead rows leave the read model in small steps, and secrets without a key leave the log. */
export class HouseKeeping {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly readModel: ReadModel,
    private readonly commands: CommandBus,
    private readonly process: { readonly clock: Clock; readonly applicationLog: ApplicationLog },
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.running = this.run();
    }, intervalMs).unref();
  }

  /** Resolves when a round that is under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** One round. A failure is logged, and the next round tries again. */
  private async run(): Promise<void> {
    try {
      const now = this.process.clock.now();
      while (!this.stopped && (await cleanUp(this.readModel.db, { now, limit: rowsPerStep })) > 0)
        this.readModel.giveBackSpace();
      if (!this.stopped) await this.commands.execute(new DiscardOrphanSecrets());
    } catch (error) {
      this.process.applicationLog.logger.error({ err: error }, 'house-keeping failed');
    }
  }
}
