import { END, type EventStoreDBClient, NO_STREAM, START, jsonEvent } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '#libs/eventstoredb-double';
import { until } from '#libs/harness';
import { ObservedSubscription } from './observed-subscription.js';
import { anEvent, at, connect, credentials, head, newStream, read } from './servers-under-test.js';

describe('the double, when it fails as servers do', () => {
  let double: EventStoreDbDouble;
  let client: EventStoreDBClient;

  beforeEach(async () => {
    double = await startEventStoreDbDouble({ liveBuffer: 50 });
    client = connect(double.url, '&defaultDeadline=10000');
  });
  afterEach(() => double.close());

  const append = (stream: string, deadline = 10_000, events = [anEvent()]) =>
    client.appendToStream(stream, events, { expectedRevision: NO_STREAM, credentials, deadline });
  const stored = async (stream: string) => (await read(client.readStream(stream))).length;
  const live = async (): Promise<ObservedSubscription> => {
    const subscription = new ObservedSubscription(client, END);
    await subscription.saw('caughtUp');
    return subscription;
  };

  it('fails an append that was sent without credentials', async () => {
    const forgotten = client.appendToStream(newStream(), anEvent(), { expectedRevision: NO_STREAM });
    await expect(forgotten).rejects.toMatchObject({ type: 'unknown', message: expect.stringContaining('batchAppend') });
  });

  it('drops subscriptions, which then say nothing more, and takes new ones', async () => {
    const dropped = await live();
    double.faults.dropSubscriptions('consumer-too-slow');
    await dropped.saw('timeout');
    const again = await live();
    const stream = newStream();
    await append(stream);
    await again.saw(`${stream}@0`);
    expect(dropped.seen).toEqual(['confirmation', 'caughtUp', 'timeout']);
  });

  it('drops a live subscription whose reader falls behind a burst', async () => {
    const idle = client.subscribeToAll({ fromPosition: END });
    const failed = new Promise((resolve) => idle.once('error', resolve));
    await new Promise((resolve) => idle.once('caughtUp', resolve));
    const large = { type: 'Large', data: 'x'.repeat(10_000) };
    for (let batch = 0; batch < 5; batch += 1) {
      const events = Array.from({ length: 80 }, () => jsonEvent(large));
      await client.appendToStream('burst', events, { credentials });
    }
    expect(await failed).toMatchObject({ type: 'timeout', message: expect.stringContaining('Consumer too slow') });
  });

  it('keeps a slow reader that is still catching up', async () => {
    const events = Array.from({ length: 400 }, () => anEvent());
    await append('backlog', 10_000, events);
    const seen: bigint[] = [];
    for await (const { event } of client.subscribeToAll({ fromPosition: START })) {
      if (event?.streamId === 'backlog') seen.push(event.revision);
      await new Promise((resolve) => setImmediate(resolve));
      if (seen.length === events.length) break;
    }
    expect(seen).toEqual(events.map((_event, index) => BigInt(index)));
  });

  it('goes silent for good where it was live, while new subscriptions catch up', async () => {
    const silent = await live();
    double.faults.goSilent(true);
    const stream = newStream();
    await append(stream);
    const other = new ObservedSubscription(client, START);
    await other.saw('caughtUp');
    double.faults.goSilent(false);
    const fresh = await live();
    const next = newStream();
    await append(next);
    await fresh.saw(`${next}@0`);
    expect(other.of(stream)).toEqual(['confirmation', `${stream}@0`, 'caughtUp']);
    expect(silent.seen).toEqual(['confirmation', 'caughtUp']);
    expect(other.seen).not.toContain(`${next}@0`);
  });

  it('freezes: appends meet their deadline, reads wait, and both go on afterwards', async () => {
    const [before, during, after] = [newStream(), newStream(), newStream()];
    await append(before);
    double.faults.freeze(true);
    let answered = false;
    const reading = stored(before).finally(() => (answered = true));
    for (const stream of [during, newStream()]) {
      await expect(append(stream, 200)).rejects.toMatchObject({ type: 'deadline-exceeded' });
    }
    expect(answered).toBe(false);
    double.faults.freeze(false);
    expect(await reading).toBe(1);
    await append(after);
    await expect(stored(during)).rejects.toMatchObject({ type: 'stream-not-found' });
  });

  it('cuts connections under calls and subscriptions, and serves the same client again', async () => {
    const subscription = await live();
    double.faults.freeze(true);
    const cut = append(newStream());
    const failed = expect(cut).rejects.toMatchObject({ type: 'unavailable' });
    double.faults.cutConnections();
    await failed;
    await subscription.saw('unavailable');
    double.faults.freeze(false);
    const stream = newStream();
    await until('an append succeeds', () => append(stream).then(Boolean, () => false));
    expect(subscription.seen).toEqual(['confirmation', 'caughtUp', 'unavailable']);
  });

  it.each([
    ['silence', 'deadline-exceeded'],
    ['cut', 'unavailable'],
  ] as const)('loses the next answers by %s, having stored the events', async (loss, type) => {
    const stream = newStream();
    const events = [anEvent()];
    double.faults.loseNextAnswers(1, loss);
    await expect(append(stream, 500, events)).rejects.toMatchObject({ type });
    expect(await append(stream, 10_000, events)).toMatchObject({ nextExpectedRevision: 0n });
    expect(await stored(stream)).toBe(1);
  });

  it('loses the answer to a tombstone, and every second answer', async () => {
    const stream = newStream();
    double.faults.loseEvery(2);
    await append(stream);
    await expect(client.tombstoneStream(stream)).rejects.toMatchObject({ type: 'unavailable' });
    await expect(stored(stream)).rejects.toMatchObject({ type: 'stream-deleted' });
    double.faults.loseEvery(0);
    await append(newStream());
    await append(newStream());
  });

  it.each([
    ['notReady', 'unavailable', 'Server Is Not Ready'],
    ['denyAccess', 'access-denied', 'Access Denied'],
  ] as const)('refuses every call: %s', async (fault, type, message) => {
    const stream = newStream();
    double.faults[fault](true);
    const refused = { type, message: expect.stringContaining(message) };
    await expect(append(stream)).rejects.toMatchObject(refused);
    await expect(read(client.readAll({ maxCount: 1 }))).rejects.toMatchObject(refused);
    await expect(client.tombstoneStream(stream)).rejects.toMatchObject(refused);
    await new ObservedSubscription(client, END).saw(type);
    double.faults[fault](false);
    await append(stream);
  });

  it('sends calls that require the leader elsewhere, and only those', async () => {
    const leader = await startEventStoreDbDouble();
    double.faults.notLeader(true, { address: '127.0.0.1', port: leader.port });
    const stream = newStream();
    const options = { expectedRevision: NO_STREAM, credentials, requiresLeader: true } as const;
    const refused = { type: 'not-leader', leader: { address: '127.0.0.1', port: leader.port } };
    await append(newStream());
    await expect(client.appendToStream(stream, anEvent(), options)).rejects.toMatchObject(refused);
    await client.appendToStream(stream, anEvent(), options);
    expect(await read(connect(leader.url).readStream(stream))).toHaveLength(1);
    await leader.close();
  });

  it('refuses start positions', async () => {
    await append(newStream());
    const position = at(await head(client));
    double.faults.refuseStartPositions(true);
    await expect(read(client.readAll({ fromPosition: position }))).rejects.toMatchObject({ type: 'unknown' });
    await new ObservedSubscription(client, position).saw('unknown');
    double.faults.refuseStartPositions(false);
    expect(await read(client.readAll({ fromPosition: position }))).toHaveLength(1);
  });

  it('goes down and comes back at the same port with the same log', async () => {
    const stream = newStream();
    await append(stream);
    const subscription = await live();
    const { port } = double;
    double.down();
    await subscription.saw('unavailable');
    await expect(append(newStream(), 2_000)).rejects.toMatchObject({ type: 'unavailable' });
    double.up();
    expect(double.port).toBe(port);
    await until('the same client reads again', () => stored(stream).then(Boolean, () => false));
    expect(await stored(stream)).toBe(1);
  });
});
