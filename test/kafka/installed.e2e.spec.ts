import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidV7 } from '#libs/crypto';
import { type EncodedEvent, type Position, type StoredEvent } from '#libs/event-store';
import { type PublishedRecord } from '#libs/fan-out';
import { AuthorityClient, challengeIn, codeIn, KafkaCluster, TestBrowser, until } from '#libs/harness';
import { Installation, type LogKind } from './installation.js';
import { readByJava, type ReadRecord } from './java-reader.js';
import { KafkaProxy } from './proxy.js';
import { describeOwnBrokers } from './some-cluster.js';
import { readTopic } from './published.js';

const mebibyte = 1_048_576;
const [mira, ben] = ['mira@people.example', 'ben@people.example'];

describeOwnBrokers('what is installed publishes', () => {
  let cluster: KafkaCluster;
  let proxy: KafkaProxy;

  beforeAll(async () => {
    proxy = await KafkaProxy.listen();
    cluster = await KafkaCluster.start({ proxyPort: proxy.port });
    proxy.leadTo(cluster.broker(1).outside!);
  }, 240_000);
  afterAll(async () => {
    await proxy?.close();
    await cluster?.stop();
  });

  describe.each<LogKind>(['sqlite', 'eventstoredb'])('from the log in %s', (kind) => {
    let installation: Installation;
    let client: Awaited<ReturnType<AuthorityClient['createClient']>>;

    beforeAll(async () => {
      installation = await Installation.start(kind, {
        ...{ KAFKA_BROKERS: proxy.address, KAFKA_TOPIC_PREFIX: `${kind}.` },
        ...{ KAFKA_PARTITIONS: '2', KAFKA_REPLICATION: '1' },
      });
      client = await new AuthorityClient(installation.authority).createClient({ client_id: 'photos' });
      await installation.caughtUp();
    }, 120_000);
    afterAll(() => installation?.stop(), 60_000);

    it('nothing that names a person who was erased while Kafka was away, nor what has expired', async () => {
      const authority = new AuthorityClient(installation.authority);
      const browser = new TestBrowser();
      const asked = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid offline' };
      const login = await authority.requestLogin(browser, asked);
      const consentPage = await browser.followed(await authority.acceptLogin(login, { subject: mira, remember: true }));
      await installation.caughtUp(); // by now the relay knows her key, and what she is asked
      proxy.refuse(true);
      const consent = { grant_scope: ['openid', 'offline'] };
      const granted = await authority.acceptConsent(challengeIn(consentPage, 'consent_challenge'), consent);
      const { json: tokens } = await authority.exchange(client, codeIn(await browser.followed(granted)));
      const bens = await authority.obtainTokens(client, { subject: ben });
      for (const reused of [tokens.refresh_token, tokens.refresh_token, bens.refresh_token!, bens.refresh_token!]) {
        await authority.refresh(client, reused);
      }
      await installation.edit(async (store) => {
        const all = await store.readAll(undefined, 1_000);
        await erase(all.find(({ type }) => type === 'SubjectKeyCreated')!);
        const { stream } = all.findLast(({ type }) => type === 'RefreshTokenReused')!;
        await store.deleteStream(stream, { expectedRevision: (await store.readStream(stream)).at(-1)!.revision });

        proxy.refuse(false);

        async function erase({ data }: StoredEvent): Promise<void> {
          const { keyId } = JSON.parse(data) as { keyId: string };
          await store.deleteStream(`subjectkey-${keyId}`, { expectedRevision: 0 });
        }
      });
      await installation.caughtUp();
      const [sessions, consents, ends] = [await read('session.v1'), await read('consent.v1'), await read('token.v1')];
      expect(bodies(sessions, 'login.accepted')).toMatchObject([{ subject: mira }, { subject: ben }]);
      const { subjectHash } = bodies(sessions, 'login.accepted')[0]!;
      const lost = { unavailable: 'erased', subjectHash, clientId: client.id };
      expect(bodies(consents, 'consent.accepted')).toMatchObject([lost, { subject: ben }]);
      const [ofMira, ...ofBen] = bodies(ends, 'refresh_token.reused');
      expect(ofMira).toMatchObject(lost);
      expect(JSON.stringify([consents, ends])).not.toContain(mira);
      expect(ofBen).toEqual(kind === 'sqlite' ? [] : [expect.objectContaining({ unavailable: 'expired' })]);
      expect(JSON.stringify(ends)).not.toContain(ben);
      const verified = await installation.relay('verify', '--format', 'json');
      expect(JSON.parse(verified.stdout)).toMatchObject({ fits: true, findings: [] });
    }, 120_000);

    it('the largest event that an append may hold, complete', async () => {
      const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(65_536)))
        .toString('base64')
        .repeat(13);
      const { data } = await installation.edit(async (store) => {
        const [created] = await store.readStream('client-photos');
        const shortest = clientLike(created!, 'large', '');
        const name = noise.slice(0, mebibyte - Buffer.byteLength(shortest.data));
        const large = clientLike(created!, 'large', name);
        await store.append('client-large', [large], { expectedRevision: -1 });
        return large;
      });
      expect(Buffer.byteLength(data)).toBe(mebibyte);
      await installation.caughtUp();
      const published = (await clientRecords(2)).find(({ key }) => key === 'large');
      const { registration } = JSON.parse(data) as { registration: { client_name: string } };
      expect(JSON.parse(published!.value).registration.client_name).toBe(registration.client_name);
    }, 120_000);

    it('all up to an event that is too large; and what is behind it once somebody has let that pass', async () => {
      const [tooLarge, position] = await installation.edit(async (store): Promise<[EncodedEvent, Position]> => {
        const [created] = await store.readStream('client-photos');
        const event = clientLike(created!, 'x'.repeat(1_000_000), ''); // the key, a header and the body have the id
        const appended = await store.append('client-too-large', [event], { expectedRevision: -1 });
        await store.append('client-behind', [clientLike(created!, 'behind', '')], { expectedRevision: -1 });
        return [event, appended.position];
      });
      expect(await installation.whyStopped()).toContain(`at position ${position} cannot be published: `);
      const ids = async (): Promise<string[]> => (await clientRecords()).map(({ headers }) => headers['ce_id']!);
      const before = await ids();
      expect(before).not.toContain(tooLarge.id);
      const why = ['--reason', 'ticket 4712', '--actor', 'ops'];
      const parked = await installation.without(() => installation.relay('park', '--position', `${position}`, ...why));
      expect(parked).toMatchObject({ code: 0, stderr: '' });
      await installation.startRelay();
      await installation.caughtUp();
      const clients = await clientRecords(before.length + 2);
      expect(clients).toHaveLength(before.length + 2);
      const placeholder = clients.find(({ headers }) => headers['ce_id'] === tooLarge.id)!;
      expect(placeholder).toMatchObject({ key: 'too-large', headers: { ce_type: 'hydrant.event.parked.v1' } });
      expect(JSON.parse(placeholder.value)).toMatchObject({ position, reason: 'ticket 4712', actor: 'ops' });
      expect(clients.filter(({ key }) => key === 'behind')).toHaveLength(1);
    }, 120_000);

    it('from where it is set back to', async () => {
      const { lagEvents, group, sameLog } = JSON.parse((await installation.relay('status', '--format', 'json')).stdout);
      expect({ lagEvents, sameLog }).toEqual({ lagEvents: 0, sameLog: true });
      expect(group.active).toEqual(kind === 'sqlite' ? null : expect.objectContaining({ clientId: 'hydrant' }));
      const before = await clientRecords();
      expect(await installation.relay('rewind', '--from-topics', '--yes')).toMatchObject({ code: 0, stderr: '' });
      await another('one');
      expect(await clientRecords(before.length + 1)).toHaveLength(before.length + 1);
      expect(await installation.relay('rewind', '--to', '0', '--yes')).toMatchObject({ code: 0, stderr: '' });
      await another('two');
      const twice = 2 * (before.length + 1) + 1;
      const ids = (await clientRecords(twice)).map(({ headers }) => headers['ce_id']!);
      expect(ids).toHaveLength(twice);
      const times = Object.values(Object.groupBy(ids, (id) => id)).map((same) => same!.length);
      expect(times.toSorted()).toEqual([1, ...Array.from(before, () => 2), 2]);
    }, 120_000);

    /** With the next event the relay notices that it was shut out. */
    async function another(id: string): Promise<void> {
      await new AuthorityClient(installation.authority).createClient({ client_id: id });
      await installation.caughtUp();
    }

    /** When there are as many: what is committed can be read a moment later. */
    async function clientRecords(least = 0): Promise<PublishedRecord[]> {
      let found: PublishedRecord[] = [];
      await until(`${least} records of clients can be read`, async () => {
        found = await readTopic(cluster.addresses, `${kind}.client.v1`);
        return found.length >= least;
      });
      return found;
    }

    function read(topic: string): Promise<ReadRecord[]> {
      return readByJava(cluster.addresses, `${kind}.${topic}`);
    }
  });
});

/** A client's creation as another one's: with this id and name. */
function clientLike({ type, data, metadata }: StoredEvent, clientId: string, name: string): EncodedEvent {
  const id = uuidV7(new Date());
  const { registration, ...others } = JSON.parse(data) as { registration: object };
  return {
    ...{ id, type, metadata: JSON.stringify({ ...(JSON.parse(metadata) as object), eventId: id, commandId: id }) },
    data: JSON.stringify({ ...others, clientId, registration: { ...registration, client_name: name } }),
  };
}

/** Those of one type, in the order of the log. */
function bodies(records: readonly ReadRecord[], type: string): Record<string, unknown>[] {
  return records
    .filter(({ headers }) => headers['ce_type'] === `hydrant.${type}.v1`)
    .toSorted((a, b) => (a.headers['ce_sequence']! < b.headers['ce_sequence']! ? -1 : 1))
    .map(({ value }) => JSON.parse(value));
}
