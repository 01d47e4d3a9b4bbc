import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type StoredEvent, openEventStoreDb } from '#libs/event-store';
import { AuthorityClient, type AuthorityProcess, TestBrowser, scratchFolder, startAuthority } from '#libs/harness';
import { type StoreUnderTest, storesUnderTest } from './event-store-under-test.js';

const subject = 'Ilse.Vandermeer+hydrant@people.example';
const forced = 'forced-identifier-of-ilse';

describe.each(storesUnderTest)('the log on %s', (_name, open) => {
  let store: StoreUnderTest;
  let authority: AuthorityProcess;
  let remove: () => Promise<void>;
  let events: readonly StoredEvent[];

  beforeAll(async () => {
    store = await open();
    const scratch = await scratchFolder();
    remove = scratch.remove;
    authority = await startAuthority(scratch.folder, { ...store.env });
    await wholeJourney(new AuthorityClient(authority));
    events = await everyEvent(store);
  }, 60_000);

  afterAll(async () => {
    await authority.stop();
    await remove();
    await store.close();
  });

  it('names nobody in a stream name, in metadata or in what is stored in clear', () => {
    const written = events.flatMap(({ stream, metadata, data }) => [stream, metadata, data]);
    for (const form of formsOf(subject)) expect(written.filter((text) => text.includes(form))).toEqual([]);
    for (const form of formsOf(forced)) expect(written.filter((text) => text.includes(form))).toEqual([]);
  });

  it('tells who changed what all the same', () => {
    const revoked = events.find(({ type }) => type === 'ConsentRevoked');
    expect(JSON.parse(revoked?.metadata ?? '{}')).toMatchObject({ actor: 'admin', reason: 'asked by letter' });
    expect(revoked?.stream).toMatch(/^subject-[\w-]{43}$/);
  });

  it('has ASCII names only, each with our categories', () => {
    const categories = new Set(events.map(({ stream }) => stream.split('-')[0]));
    expect([...categories].sort()).toEqual(
      [
        'client',
        'consent',
        'grant',
        'keyset',
        'login',
        'machine',
        'root',
        'secret',
        'session',
        'subject',
        'subjectkey',
      ].sort(),
    );

    expect(events.filter(({ stream }) => !/^[\x21-\x7e]+$/.test(stream))).toEqual([]);
  });
});

async function wholeJourney(authority: AuthorityClient): Promise<void> {
  const client = await authority.createClient({ client_id: 'größe & co' });
  const browser = new TestBrowser();
  const login = { remember: true, force_subject_identifier: forced };
  const consent = { remember: true, session: { id_token: { email: subject }, access_token: { email: subject } } };
  const tokens = await authority.obtainTokens(client, { subject, login, consent, browser });
  await authority.refresh(client, tokens.refresh_token ?? '');
  await authority.obtainTokens(client, { subject, browser });
  await authority.form('/oauth2/token', { grant_type: 'client_credentials' }, client);
  const path = `/oauth2/auth/sessions/consent/${encodeURIComponent(subject)}`;
  await authority.admin('DELETE', path, undefined, { 'x-reason': 'asked by letter' });
  await authority.admin('DELETE', `/oauth2/auth/sessions/login/${encodeURIComponent(subject)}`);
}

/** The events of this run's prefix, read past the authority. */
async function everyEvent({ url, env }: StoreUnderTest): Promise<StoredEvent[]> {
  const log = await openEventStoreDb({ url, prefix: env.EVENT_STORE_PREFIX ?? '' });
  try {
    return (await log.readAll(undefined, 1_000_000)).filter(({ type }) => !type.startsWith('$'));
  } finally {
    await log.close();
  }
}

/** How a value may look in a text. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  return [
    value,
    value.toLowerCase(),
    encodeURIComponent(value),
    bytes.toString('hex'),
    bytes.toString('base64').slice(0, -4),
  ];
}
