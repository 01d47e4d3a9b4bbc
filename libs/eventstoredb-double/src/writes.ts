import {
  type Metadata,
  type UntypedServiceImplementation,
  type handleClientStreamingCall,
  type handleUnaryCall,
} from '@grpc/grpc-js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { type Faults } from './faults.js';
import { type Log, type WriteResult } from './log.js';
import { type Refusal, appendTooLarge, handlerThrew, streamDeleted, wrongExpectedVersion } from './refusals.js';
import { type Expectation, type ProposedEvent } from './stream-history.js';
import {
  appended,
  deletedAt,
  expectationOf,
  proposedEvent,
  streamNameOf,
  tombstonedAt,
  versionConflict,
} from './wire.js';

type Written = Extract<WriteResult, { kind: 'written' }>;
type Call = { readonly metadata: Metadata; readonly cancelled: boolean };
type Answer<Response> = (refusal: Refusal | null, response?: Response) => void;

/** One write: what is written where, and how each outcome is said. */
type Write<Response> = {
  readonly stream: string;
  /** Why it is not even tried. */
  readonly refusal?: Refusal | undefined;
  run(): WriteResult;
  success(written: Written): Response;
  conflict(current: bigint): Response | Refusal;
};

/** The calls that change the log. */
export class Writes {
  constructor(
    private readonly log: Log,
    private readonly faults: Faults,
    private readonly maxAppendBytes: number,
  ) {}

  implementation(): UntypedServiceImplementation {
    return { append: this.append, delete: this.delete, tombstone: this.tombstone };
  }

  private readonly append: handleClientStreamingCall<streams.AppendReq, streams.AppendResp> = (call, answer) => {
    const request: AppendRequest = { options: undefined, events: [] };
    call.on('data', (message: streams.AppendReq) => collect(request, message));
    call.on('error', () => undefined); // the client is gone; nothing is applied
    call.on('end', () => {
      const { options, events } = request;
      if (options === undefined) {
        answer(handlerThrew());
        return;
      }
      const [stream, expected] = [streamNameOf(options), expectationOf(options)];
      this.answer(call, answer, {
        stream,
        refusal: this.refusalOfEvents(events),
        run: () => this.log.append(stream, expected, events),
        success: ({ revision, position }) => appended(revision, position),
        conflict: (current) => versionConflict(expected, current),
      });
    });
  };

  private readonly delete: handleUnaryCall<streams.DeleteReq, streams.DeleteResp> = (call, answer) => {
    const { stream, expected } = targetOf(call.request.getOptions());
    this.answer(call, answer, {
      stream,
      run: () => this.log.delete(stream, expected),
      success: ({ position }) => deletedAt(position ?? 0n),
      conflict: (current) => wrongExpectedVersion(stream, expected, current),
    });
  };

  private readonly tombstone: handleUnaryCall<streams.TombstoneReq, streams.TombstoneResp> = (call, answer) => {
    const { stream, expected } = targetOf(call.request.getOptions());
    this.answer(call, answer, {
      stream,
      run: () => this.log.tombstone(stream, expected),
      success: ({ position }) => tombstonedAt(position ?? 0n),
      conflict: (current) => wrongExpectedVersion(stream, expected, current),
    });
  };

  /** A turn later, so that a cancellation that came with the request is seen before the write is made. */
  private answer<Response>(call: Call, answer: Answer<Response>, write: Write<Response>): void {
    setImmediate(() => {
      if (call.cancelled) return;
      const malformed = write.stream === '' ? handlerThrew() : write.refusal;
      const refusal = this.faults.refusalOf(call.metadata) ?? malformed;
      if (refusal !== undefined) {
        answer(refusal);
        return;
      }
      const result = write.run();
      if (result.kind === 'deleted') {
        answer(streamDeleted(write.stream));
      } else if (result.kind === 'conflict') {
        const conflict = write.conflict(result.currentRevision);
        if (isRefusal(conflict)) answer(conflict);
        else answer(null, conflict);
      } else if (this.faults.sendsAnswer()) {
        answer(null, write.success(result));
      }
    });
  }

  private refusalOfEvents(events: readonly ProposedEvent[]): Refusal | undefined {
    const bytes = events.reduce((sum, { data }) => sum + data.length, 0);
    if (bytes > this.maxAppendBytes) return appendTooLarge(this.maxAppendBytes);
    return events.some(({ type, id }) => type === '' || id === '') ? handlerThrew() : undefined;
  }
}

type AppendRequest = { options: streams.AppendReq.Options | undefined; events: ProposedEvent[] };

function collect(request: AppendRequest, message: streams.AppendReq): void {
  const proposed = message.getProposedMessage();
  if (proposed === undefined) request.options = message.getOptions();
  else request.events.push(proposedEvent(proposed));
}

function targetOf(options: streams.DeleteReq.Options | streams.TombstoneReq.Options | undefined): {
  stream: string;
  expected: Expectation;
} {
  if (options === undefined) return { stream: '', expected: 'any' };
  return { stream: streamNameOf(options), expected: expectationOf(options) };
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'code' in value;
}
