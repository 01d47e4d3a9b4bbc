import { uuidV7 } from '#libs/crypto';
import { relay } from '#libs/domain';
import { EventLog, type EventStore, type Position, type StoredEvent, decideAndAppend } from '#libs/event-store';
import { RelayRefusedError, recordsOf, UnpublishableEventError } from '#libs/fan-out';
import { Clock } from '../commands/clock.js';
import { type Configuration } from '../config/configuration.js';
import { ApplicationLog } from '../http/application-log.js';
import { type OpenLog, openForWriting } from '../process/open-log.js';
import { kafkaOf } from '../relay/kafka-options.js';
import { print } from '../terminal/output.js';
import { positionOf } from './selection-options.js';

const pageSize = 1_000;

export type ParkOptions = { readonly position: string; readonly reason: string; readonly actor?: string };

/**
 * `hydrant relay park`: lets an event pass that cannot be published. What says so is an event of the log; readers get a placeholder in the
 * event's place. With the embedded log no authority may run meanwhile.
 *
 * @throws RelayRefusedError when there is no such event, or it can be published
 */
export async function park(configuration: Configuration, options: ParkOptions): Promise<void> {
  const position = positionOf('--position', options.position);
  const clock = new Clock();
  const applicationLog = ApplicationLog.create({ ...configuration.log, level: 'silent' });
  const opened = await openForWriting(configuration, { clock, applicationLog });
  try {
    const event = await eventAt(opened.store, position);
    const why = await whyNotPublished(opened, event, configuration);
    const log = new EventLog({ ...opened, clock: () => clock.now(), newId: uuidV7 });
    const { id: eventId, type: eventType } = event;
    const { reason, actor = 'hydrant' } = options;
    const command = { type: 'ParkEvent', data: { position, eventId, eventType, reason }, now: clock.now() } as const;
    const by = { actor, reason, correlationId: uuidV7(clock.now()) };
    await decideAndAppend(log, { decider: relay, id: 'relay', command, by });
    log.close();
    print(`event ${eventType} at position ${position} is let pass (${why}); the relay has to be started again`);
  } finally {
    await opened.close();
  }
}

/** @throws RelayRefusedError when no event of ours is there */
async function eventAt(store: EventStore, position: Position): Promise<StoredEvent> {
  let after: Position | undefined;
  for (;;) {
    const page = await store.readAll(after, pageSize);
    const found = page.find((event) => event.position === position);
    if (found !== undefined && !found.type.startsWith('$')) return found;
    after = page.at(-1)?.position;
    if (after === undefined || after >= position) throw new RelayRefusedError(`no event is at position ${position}`);
  }
}

/** Nobody leaves out by mistake what readers can have. */
async function whyNotPublished(
  { store, codec }: OpenLog,
  event: StoredEvent,
  configuration: Configuration,
): Promise<string> {
  const { subjects, tokenEvents } = kafkaOf(configuration);
  try {
    await recordsOf({ store, codec, subjects, tokenEvents, issuer: configuration.issuer })(event);
  } catch (error) {
    if (error instanceof UnpublishableEventError) return error.message;
    throw error;
  }
  throw new RelayRefusedError(
    `event ${event.type} at position ${event.position} can be published, or is parked already`,
  );
}
