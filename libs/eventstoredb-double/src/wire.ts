import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { type Expectation, type LogRecord, type ProposedEvent } from './stream-history.js';

type ExpectationOptions = {
  hasRevision(): boolean;
  getRevision(): string;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
};

/** Appends, deletes and tombstones all say in the same way what they expect. */
export function expectationOf(options: ExpectationOptions): Expectation {
  if (options.hasRevision()) return BigInt(options.getRevision());
  if (options.hasNoStream()) return 'no_stream';
  return options.hasStreamExists() ? 'stream_exists' : 'any';
}

export function streamNameOf(options: { getStreamIdentifier(): shared.StreamIdentifier | undefined }): string {
  return Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');
}

export function proposedEvent(message: streams.AppendReq.ProposedMessage): ProposedEvent {
  const properties = message.getMetadataMap();
  return {
    id: (message.getId()?.getString() ?? '').toLowerCase(),
    type: properties.get('type') ?? '',
    isJson: properties.get('content-type') === 'application/json',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

export function appended(revision: bigint, position: bigint | undefined): streams.AppendResp {
  const success = new streams.AppendResp.Success().setCurrentRevision(String(revision));
  if (position === undefined) success.setNoPosition(new shared.Empty());
  else success.setPosition(at(new streams.AppendResp.Position(), position));
  return new streams.AppendResp().setSuccess(success);
}

/** The answer to an append at the wrong revision. @param current -1 when there is no such stream */
export function versionConflict(expected: Expectation, current: bigint): streams.AppendResp {
  const conflict = new streams.AppendResp.WrongExpectedVersion();
  if (expected === 'any') conflict.setExpectedAny(new shared.Empty());
  else if (expected === 'no_stream') conflict.setExpectedNoStream(new shared.Empty());
  else if (expected === 'stream_exists') conflict.setExpectedStreamExists(new shared.Empty());
  else conflict.setExpectedRevision(String(expected));
  if (current < 0n) conflict.setCurrentNoStream(new shared.Empty());
  else conflict.setCurrentRevision(String(current));
  return new streams.AppendResp().setWrongExpectedVersion(conflict);
}

export function deletedAt(position: bigint): streams.DeleteResp {
  return new streams.DeleteResp().setPosition(at(new streams.DeleteResp.Position(), position));
}

export function tombstonedAt(position: bigint): streams.TombstoneResp {
  return new streams.TombstoneResp().setPosition(at(new streams.TombstoneResp.Position(), position));
}

export function readEvent(record: LogRecord): streams.ReadResp {
  const recorded = at(new streams.ReadResp.ReadEvent.RecordedEvent(), record.position)
    .setId(new shared.UUID().setString(record.id))
    .setStreamIdentifier(streamIdentifier(record.stream))
    .setStreamRevision(String(record.revision))
    .setData(record.data)
    .setCustomMetadata(record.metadata);
  const properties = recorded.getMetadataMap();
  properties.set('type', record.type);
  properties.set('content-type', record.isJson ? 'application/json' : 'application/octet-stream');
  properties.set('created', String(record.createdTicks));
  const event = new streams.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(String(record.position));
  return new streams.ReadResp().setEvent(event);
}

export function streamNotFound(stream: string): streams.ReadResp {
  const notFound = new streams.ReadResp.StreamNotFound().setStreamIdentifier(streamIdentifier(stream));
  return new streams.ReadResp().setStreamNotFound(notFound);
}

export function confirmation(subscriptionId: string): streams.ReadResp {
  const confirmed = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(subscriptionId);
  return new streams.ReadResp().setConfirmation(confirmed);
}

export function caughtUp(): streams.ReadResp {
  return new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp());
}

function streamIdentifier(stream: string): shared.StreamIdentifier {
  return new shared.StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8'));
}

/** One event has one position: what it was prepared at and what it was committed at are the same. */
function at<T extends { setCommitPosition(value: string): unknown; setPreparePosition(value: string): unknown }>(
  message: T,
  position: bigint,
): T {
  message.setCommitPosition(String(position));
  message.setPreparePosition(String(position));
  return message;
}
