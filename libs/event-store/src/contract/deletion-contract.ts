import { noRevision } from '#libs/domain';
import { expect, it } from '@jest/globals';
import { StreamDeletedError, VersionConflictError } from '../errors.js';
import { type EventStore, type Position, streamDeleted } from '../port.js';
import { anEvent, newStreamName, ofStreams } from './sample-events.js';

/** The part of the contract about `deleteStream`. */
export function describeDeletion(current: () => EventStore, purges: boolean): void {
  async function deletedStream(): Promise<{ stream: string; last: Position; deletion: Position }> {
    const stream = newStreamName();
    const { position } = await current().append(stream, [anEvent(), anEvent()], { expectedRevision: noRevision });
    const deletion = await current().deleteStream(stream, { expectedRevision: 1 });
    return { stream, last: position, deletion };
  }

  it('is final for every later use of the name', async () => {
    const { stream } = await deletedStream();
    await expect(current().readStream(stream)).rejects.toThrow(StreamDeletedError);
    await expect(current().readStream(stream, { from: 5 })).rejects.toThrow(StreamDeletedError);
    for (const expectedRevision of [noRevision, 1, 2]) {
      await expect(current().append(stream, [anEvent()], { expectedRevision })).rejects.toThrow(StreamDeletedError);
    }
    await expect(current().deleteStream(stream, { expectedRevision: 1 })).rejects.toThrow(StreamDeletedError);
  });

  it('shows in the log as one system event, later than everything before', async () => {
    const start = await current().head();
    const { stream, last, deletion } = await deletedStream();
    const seen = ofStreams([stream], await current().readAll(start, 1_000));
    const system = seen.filter(({ type }) => type.startsWith('$'));
    expect(system).toMatchObject([{ type: streamDeleted, stream, revision: -1, data: '{}', metadata: '{}' }]);
    expect(system[0]).toMatchObject({ position: deletion });
    expect(deletion).toBeGreaterThan(last);
    expect(await current().head()).toBeGreaterThanOrEqual(deletion);
    if (purges) expect(seen).toHaveLength(1);
  });

  it('leaves the log readable from a position whose event is gone', async () => {
    const { stream, last, deletion } = await deletedStream();
    const later = newStreamName();
    const next = await current().append(later, [anEvent()], { expectedRevision: noRevision });
    const seen = ofStreams([stream, later], await current().readAll(last, 1_000));
    expect(seen.map(({ position }) => position)).toEqual([deletion, next.position]);
  });

  it('is refused at another revision', async () => {
    const stream = newStreamName();
    await current().append(stream, [anEvent()], { expectedRevision: noRevision });
    for (const expectedRevision of [noRevision, 1]) {
      await expect(current().deleteStream(stream, { expectedRevision })).rejects.toThrow(VersionConflictError);
    }
    expect(await current().readStream(stream)).toHaveLength(1);
  });

  it('can close a name that was never used', async () => {
    const stream = newStreamName();
    await current().deleteStream(stream, { expectedRevision: noRevision });
    await expect(current().readStream(stream)).rejects.toThrow(StreamDeletedError);
    const append = current().append(stream, [anEvent()], { expectedRevision: noRevision });
    await expect(append).rejects.toThrow(StreamDeletedError);
  });
}
