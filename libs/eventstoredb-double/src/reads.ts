import { type UntypedServiceImplementation } from '@grpc/grpc-js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { type Faults } from './faults.js';
import { type Log } from './log.js';
import { type ReadCall, send } from './read-call.js';
import { type Refusal, handlerThrew, notPartOfTheDouble, readFailed, streamDeleted } from './refusals.js';
import { type LogRecord } from './stream-history.js';
import { type Subscriptions } from './subscription.js';
import { readEvent, streamNameOf, streamNotFound } from './wire.js';

const { BACKWARDS } = streams.ReadReq.Options.ReadDirection;
const pageSize = 500;
const beyondEveryPosition = 2n ** 63n;

type Start = bigint | 'start' | 'end';

/** The one call that reads: a stream, the whole log, or a subscription to it. */
export class Reads {
  constructor(
    private readonly log: Log,
    private readonly faults: Faults,
    private readonly subscriptions: Subscriptions,
  ) {}

  implementation(): UntypedServiceImplementation {
    const read = (call: ReadCall): void => {
      const refusal = this.faults.refusalOf(call.metadata) ?? this.serve(call);
      if (refusal !== undefined) call.emit('error', refusal);
    };
    return { read };
  }

  private serve(call: ReadCall): Refusal | undefined {
    const options = call.request.getOptions();
    const [all, stream] = [options?.getAll(), options?.getStream()];
    if (options === undefined || options.hasFilter()) return notPartOfTheDouble('filters');
    if (all !== undefined)
      return options.hasSubscription() ? this.subscribe(call, all) : this.readAll(call, options, all);
    if (options.hasSubscription() || stream === undefined) return notPartOfTheDouble('subscriptions to a stream');
    return this.readStream(call, options, stream);
  }

  private subscribe(call: ReadCall, all: streams.ReadReq.Options.AllOptions): Refusal | undefined {
    const start = startOf(all);
    if (typeof start !== 'bigint') {
      this.subscriptions.start(call, start === 'start' ? -1n : 'end');
      return undefined;
    }
    if (!this.accepts(start)) return handlerThrew();
    // The server takes the first event it finds from the start position on for the one that was seen already.
    const [seen] = this.log.from(start, 1);
    this.subscriptions.start(call, seen?.position ?? 'end');
    return undefined;
  }

  private readAll(
    call: ReadCall,
    options: streams.ReadReq.Options,
    all: streams.ReadReq.Options.AllOptions,
  ): Refusal | undefined {
    const start = startOf(all);
    const count = countOf(options);
    if (typeof start === 'bigint' && !this.accepts(start)) return readFailed('ReadAllResult');
    if (count === 0) return undefined; // the server never answers this
    const backwards = options.getReadDirection() === BACKWARDS;
    void sendAll(call, limited(backwards ? this.backwards(start) : this.forwards(start), count));
    return undefined;
  }

  private readStream(
    call: ReadCall,
    options: streams.ReadReq.Options,
    target: streams.ReadReq.Options.StreamOptions,
  ): Refusal | undefined {
    const stream = streamNameOf(target);
    const count = countOf(options);
    if (stream === '') return handlerThrew();
    const pastTheEnd = target.hasEnd() && options.getReadDirection() !== BACKWARDS;
    if (count === 0 || pastTheEnd) return readFailed('ReadStreamResult');
    const records = this.log.readStream(stream);
    if (records === 'deleted') return streamDeleted(stream);
    if (records === 'not_found') {
      call.write(streamNotFound(stream));
      call.end();
      return undefined;
    }
    void sendAll(call, limited(fromRevision(records, options, target), count));
    return undefined;
  }

  private accepts(position: bigint): boolean {
    return !this.faults.startPositionsRefused && this.log.isPosition(position);
  }

  /** The event at the start is part of the answer. */
  private *forwards(start: Start): Iterable<LogRecord> {
    let next = typeof start === 'bigint' ? start : start === 'start' ? 0n : beyondEveryPosition;
    for (;;) {
      const page = this.log.from(next, pageSize);
      yield* page;
      const last = page.at(-1);
      if (last === undefined) return;
      next = last.position + 1n;
    }
  }

  /** The event at the start is not part of the answer. */
  private *backwards(start: Start): Iterable<LogRecord> {
    let before = typeof start === 'bigint' ? start : start === 'start' ? 0n : beyondEveryPosition;
    for (;;) {
      const page = this.log.before(before, pageSize);
      yield* page;
      const last = page.at(-1);
      if (last === undefined) return;
      before = last.position;
    }
  }
}

function startOf(all: streams.ReadReq.Options.AllOptions): Start {
  const position = all.getPosition();
  if (position !== undefined) return BigInt(position.getCommitPosition());
  return all.hasEnd() ? 'end' : 'start';
}

/** Everything when there is no limit to speak of. */
function countOf(options: streams.ReadReq.Options): number {
  return Number(options.getCount());
}

function fromRevision(
  records: readonly LogRecord[],
  options: streams.ReadReq.Options,
  target: streams.ReadReq.Options.StreamOptions,
): readonly LogRecord[] {
  const backwards = options.getReadDirection() === BACKWARDS;
  if (target.hasStart()) return backwards ? records.slice(0, 1) : records;
  if (target.hasEnd()) return [...records].reverse();
  const revision = BigInt(target.getRevision());
  if (backwards) return records.filter((record) => record.revision <= revision).reverse();
  return records.filter((record) => record.revision >= revision);
}

function* limited(records: Iterable<LogRecord>, count: number): Iterable<LogRecord> {
  let left = count;
  for (const record of records) {
    if (left === 0) return;
    left -= 1;
    yield record;
  }
}

/** Stops where the client has gone. */
async function sendAll(call: ReadCall, records: Iterable<LogRecord>): Promise<void> {
  for (const record of records) {
    if (call.cancelled || call.destroyed) return;
    await send(call, readEvent(record));
  }
  call.end();
}
