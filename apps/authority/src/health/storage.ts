import { type EventStore, type StorageFaultKind, storageFaultOf } from '#libs/event-store';
import { type ReadModel } from '#libs/read-model';
import { type Logger } from 'pino';
import { OnceAMinute } from '../http/once-a-minute.js';

/** `away`: the store cannot be reached, or what came of it could not be read. */
export type StorageTroubleKind = StorageFaultKind | 'away';
export const storageTroubleKinds: readonly StorageTroubleKind[] = [
  ...(['disk_full', 'read_only', 'io_error', 'cannot_open', 'busy', 'no_memory', 'away'] as const),
];

export const storageParts = ['event_log', 'read_model'] as const;
type StoragePart = (typeof storageParts)[number];

/** What is wrong with a part of the storage at this moment. `message` is one line. */
export type StorageTrouble = {
  readonly part: StoragePart;
  readonly kind: StorageTroubleKind;
  readonly message: string;
};

const lookMs = 1_000;

/**
 * What is wrong with the disk or the store at this moment, and goes away by itself or by an operator's hand: it is being tried again.
 * The log tells of it when it begins, once a minute, and when it is over.
 */
export class Storage {
  private timer: NodeJS.Timeout | undefined;
  private readonly onceAMinute = new OnceAMinute();
  private toldOf: ReadonlySet<StoragePart> = new Set();

  constructor(
    private readonly store: Pick<EventStore, 'fault'>,
    private readonly readModel: Pick<ReadModel, 'status'>,
    private readonly logger: Pick<Logger, 'error' | 'info'>,
  ) {}

  troubles(): readonly StorageTrouble[] {
    const troubles: StorageTrouble[] = [];
    const fault = this.store.fault();
    if (fault !== undefined) {
      const { kind, message } = fault;
      troubles.push({ part: 'event_log', kind, message: `the event log cannot be written: ${message}` });
    }
    const { state, error } = this.readModel.status();
    if (state === 'waiting') {
      const kind = storageFaultOf(error)?.kind ?? 'away';
      troubles.push({ part: 'read_model', kind, message: `the read model cannot go on: ${error?.message ?? ''}` });
    }
    return troubles;
  }

  start(): void {
    this.timer = setInterval(() => this.look(), lookMs).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const troubles = this.troubles();
    for (const { part, kind, message } of troubles)
      if (this.onceAMinute.isDue(`${part} ${kind}`)) this.logger.error({ part, kind }, `${message}; it is tried again`);
    const parts = new Set(troubles.map(({ part }) => part));
    for (const part of this.toldOf) if (!parts.has(part)) this.logger.info({ part }, 'the storage works again');
    this.toldOf = parts;
  }
}
