import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore, type Position, UnavailableError, streamDeleted } from '#libs/event-store';
import { authoritySpec } from '../testing/authority-spec.js';

const hour = 3600;
const day = 24 * hour;
const grace = 7 * day;
const refreshTokenLife = 30 * day;

/** What is in a log, each stream once: those deleted, in the order in which they were, and the others. */
async function streamsOf(store: MemoryEventStore): Promise<{ there: string[]; deleted: string[]; types: string[] }> {
  const events = await store.readAll(undefined, 100_000);
  const names = (gone: boolean): string[] => [
    ...new Set(events.filter(({ type }) => (type === streamDeleted) === gone).map(({ stream }) => stream)),
  ];
  return { there: names(false), deleted: names(true), types: events.map(({ type }) => type) };
}

function only(streams: readonly string[], category: string): string {
  const found = streams.filter((stream) => stream.startsWith(`${category}-`));
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe('what is over for longer than RETENTION_GRACE', () => {
  const store = new MemoryEventStore();
  const spec = authoritySpec({}, store);

  it('is deleted from the log; who was let in, and what people agreed to, stays', async () => {
    const { authority, clock } = spec;
    const client = await authority.createClient();
    const tokens = await authority.obtainTokens(client, { subject: 'ann', consent: { remember: true } });
    const { there } = await streamsOf(store);
    const [login, grant, consent] = [only(there, 'login'), only(there, 'grant'), only(there, 'consent')];

    clock.advance(grace + 2 * hour);
    await spec.retention.round();
    expect((await streamsOf(store)).deleted).toEqual([login]);
    expect((await authority.refresh(client, String(tokens.refresh_token))).status).toBe(200);

    clock.advance(refreshTokenLife + grace - 1);
    await spec.retention.round();
    expect((await streamsOf(store)).deleted).not.toContain(grant);
    clock.advance(2);
    await spec.retention.round();
    const after = await streamsOf(store);
    expect(after.deleted).toEqual([login, grant]);
    expect(after.there).toEqual(expect.arrayContaining([consent, `client-${client.id}`]));
    expect(await authority.refresh(client, String(tokens.refresh_token))).toMatchObject({ status: 400 });
    const consents = await authority.admin('GET', '/oauth2/auth/sessions/consent/ann');
    expect(JSON.parse(consents.text)).toMatchObject([{ consent_request: { subject: 'ann' } }]);
  });

  it('goes before what revoked it does', async () => {
    const { authority, clock } = spec;
    const client = await authority.createClient();
    const issued = await authority.form('/oauth2/token', { grant_type: 'client_credentials' }, client);
    const { access_token: token } = issued.json as { access_token: string };
    await authority.form('/oauth2/revoke', { token }, client);
    const { there } = await streamsOf(store);
    const [machine, revocation] = [only(there, 'machine'), only(there, 'grant')];

    clock.advance(grace + 1); // enough for the revocation; the token would have expired an hour later
    await spec.retention.round();
    expect((await streamsOf(store)).there).toContain(revocation);
    clock.advance(hour);
    await spec.retention.round();
    expect((await streamsOf(store)).deleted.slice(-2)).toEqual([machine, revocation]);
    expect((await authority.introspect(token)).json).toEqual({ active: false });
    expect((await authority.form('/oauth2/revoke', { token }, client)).status).toBe(200);
  });

  it('is counted in the metrics, and now and then in the log', async () => {
    const { text } = await spec.authority.admin('GET', '/metrics/prometheus');
    expect(text).toMatch(/^hydrant_retention_deleted_streams_total\{kind="grant"\} 1$/m);
    expect(text).toMatch(/^hydrant_retention_deleted_streams_total\{kind="revocation"\} 1$/m);
    expect(text).toMatch(/^hydrant_retention_due_streams\{kind="grant"\} 0$/m);
    expect(text).toMatch(/^hydrant_retention_oldest_due_seconds\{kind="login"\} 0$/m);
    expect((await streamsOf(store)).types.filter((type) => type === 'RetentionApplied')).toHaveLength(1);
  });
});

/** A log in which nothing can be deleted while a test says so. */
class StubbornStore extends MemoryEventStore {
  stubborn = true;

  override async deleteStream(stream: string, options: { expectedRevision: number }): Promise<Position> {
    if (this.stubborn) throw new UnavailableError('not now');
    return super.deleteStream(stream, options);
  }
}

describe('a round of retention that is broken off', () => {
  const store = new StubbornStore();
  const spec = authoritySpec({}, store);

  it('is taken up by the next one', async () => {
    const { authority, clock } = spec;
    await authority.obtainTokens(await authority.createClient());
    clock.advance(refreshTokenLife + grace + hour);
    await spec.retention.round();
    expect((await streamsOf(store)).deleted).toEqual([]);
    store.stubborn = false;
    await spec.retention.round();
    expect((await streamsOf(store)).deleted.map((stream) => stream.split('-')[0])).toEqual(['grant', 'login']);
  });
});
