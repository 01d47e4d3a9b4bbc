import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mintAdminToken } from '#libs/crypto';
import { type EventHandler, MemoryEventStore, type Position, type Subscription } from '#libs/event-store';
import { adminOperations } from '../admin/admin.operations.js';
import { adminTokenHistory, eventBy } from '../testing/admin-tokens.js';
import { authoritySpec } from '../testing/authority-spec.js';

const realm = 'Bearer realm="Hydrant Admin API"';
const unknown = 'The token is unknown, has expired or was revoked.';
const invalid = `${realm}, error="invalid_token", error_description="${unknown}"`;
const insufficient = (scope: string): string => `${realm}, error="insufficient_scope", scope="${scope}"`;

/** What the Admin API answers whom it does not let in. */
const refused = (status: 401 | 403, hint: string, challenge: string) => ({
  status,
  body: {
    error: status === 401 ? 'request_unauthorized' : 'insufficient_scope',
    error_description:
      status === 401 ? 'The request could not be authorized.' : 'The request needs more than the access token gives.',
    error_hint: hint,
    status_code: status,
    request_id: 'request-1',
  },
  headers: { 'www-authenticate': challenge },
  events: [],
});
const request1 = { 'x-request-id': 'request-1' };

/** A path of an operation at which nothing is. */
const somewhere = (path: string): string => path.replace(/:\w+/g, 'nothing');

describe('with ADMIN_AUTH=token', () => {
  const spec = authoritySpec({ ADMIN_AUTH: 'token' });
  const reader = adminTokenHistory('reader', ['clients:read', 'tokens:read']);
  const writer = adminTokenHistory('writer', ['clients:write']);
  beforeAll(() => spec.given(reader.history, writer.history).prepare());

  it.each(['/clients', '/admin/clients'])('nobody is let in at %s without a token', (path) =>
    spec
      .when((authority) => authority.admin('GET', path, undefined, request1))
      .thenAnswers(refused(401, 'The request has no bearer token.', realm)),
  );

  it.each([
    ['another scheme', 'Basic YTpi', 'The request has no bearer token.', realm],
    ['no token', 'Bearer', 'The request has no bearer token.', realm],
    ['a token of nobody', `Bearer ${mintAdminToken().token}`, unknown, invalid],
    ['something else', 'Bearer eyJhbGciOiJub25lIn0.e30.', unknown, invalid],
  ])('nobody is let in with %s', (_what, authorization, hint, challenge) =>
    spec
      .when((authority) => authority.admin('POST', '/clients', {}, { ...request1, authorization }))
      .thenAnswers(refused(401, hint, challenge)),
  );

  it.each(adminOperations.map(({ method, path }) => [method, somewhere(path)] as const))(
    'nobody is let in at %s %s',
    async (method, path) => {
      const { status, headers } = await spec.authority.admin(method, path, method === 'GET' ? undefined : '{}');
      expect([status, headers.get('www-authenticate')]).toEqual([401, realm]);
    },
  );

  it('a caller may do what the token says', () =>
    spec
      .when((authority) => authority.admin('GET', '/admin/clients', undefined, reader.bearer))
      .thenAnswers({ status: 200, body: [], events: [] }));

  it('the scheme is read without regard to case (RFC 9110 11.1)', () =>
    spec
      .when((authority) => authority.admin('GET', '/clients', undefined, { authorization: `bearer ${reader.token}` }))
      .thenAnswers({ status: 200, body: [], events: [] }));

  it('a caller may do nothing else', () =>
    spec
      .when((authority) => authority.admin('POST', '/clients', {}, { ...request1, ...reader.bearer }))
      .thenAnswers(refused(403, 'It needs the scope clients:write.', insufficient('clients:write'))));

  it('to write is not to read', () =>
    spec
      .when((authority) => authority.admin('GET', '/clients/nothing', undefined, { ...request1, ...writer.bearer }))
      .thenAnswers(refused(403, 'It needs the scope clients:read.', insufficient('clients:read'))));

  it('the query and the body name no token (RFC 6750 2.2, 2.3)', async () => {
    const inQuery = await spec.authority.admin('GET', `/clients?access_token=${reader.token}`);
    const inBody = await spec.authority.introspect('x', { access_token: reader.token });
    expect([inQuery.status, inBody.status]).toEqual([401, 401]);
  });

  it('introspection refuses in its own form', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const stranger = await spec.authority.introspect('x');
    const other = await spec.authority.admin('POST', '/oauth2/introspect', 'token=x', { ...form, ...writer.bearer });
    const known = await spec.authority.admin('POST', '/oauth2/introspect', 'token=x', { ...form, ...reader.bearer });
    expect([stranger.status, stranger.json, stranger.headers.get('www-authenticate')]).toEqual([
      401,
      {
        error: 'request_unauthorized',
        error_description: 'The request could not be authorized.',
        error_hint: 'The request has no bearer token.',
        status_code: 401,
      },
      realm,
    ]);
    expect([other.status, other.json.error]).toEqual([403, 'insufficient_scope']);
    expect([known.status, known.json]).toEqual([200, { active: false }]);
  });

  it("the caller's name is the actor of what they do", () =>
    spec
      .when((authority) => authority.admin('POST', '/clients', { client_id: 'named' }, writer.bearer))
      .thenAnswers({
        status: 201,
        events: [{ stream: 'client-named', type: 'ClientCreated', data: expect.anything(), actor: 'writer' }],
      }));

  it('what the public listener causes has its actor as ever', async () => {
    const { bearer, history } = adminTokenHistory('registrar', ['clients:write']);
    await spec.given(history).prepare();
    const registration = { client_id: 'machine', client_secret: 'a-secret-of-it', grant_types: ['client_credentials'] };
    await spec.authority.admin('POST', '/clients', registration, bearer);
    await spec
      .when((authority) =>
        authority.form(
          '/oauth2/token',
          { grant_type: 'client_credentials' },
          { id: 'machine', secret: 'a-secret-of-it' },
        ),
      )
      .thenAnswers({ status: 200, events: [eventBy('public', 'TokensIssued')] });
  });

  it.each(['/health/alive', '/health/ready', '/version', '/metrics/prometheus', '/openapi.json'])(
    '%s is open to everybody',
    async (path) => expect((await spec.authority.admin('GET', path)).status).toBe(200),
  );

  it('a token ends the moment it expires', async () => {
    const { bearer, history } = adminTokenHistory('brief', ['clients:read'], '2026-01-15T12:00:10.000Z');
    await spec.given(history).prepare();
    const statusAt = async (): Promise<number> =>
      (await spec.authority.admin('GET', '/clients', undefined, bearer)).status;
    spec.clock.advance(9);
    expect(await statusAt()).toBe(200);
    spec.clock.advance(1);
    expect(await statusAt()).toBe(401);
  });
});

describe('with ADMIN_TOKEN_FILE', () => {
  const file = join(tmpdir(), `admin-token-${process.pid}`);
  const token = 'a-token-that-somebody-made-up-by-hand';
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  afterAll(() => rmSync(file));
  const spec = authoritySpec({ ADMIN_AUTH: 'token', ADMIN_TOKEN_FILE: file });

  it('its holder may do everything, as bootstrap', () =>
    spec
      .when((authority) =>
        authority.admin('POST', '/clients', { client_id: 'first' }, { authorization: `Bearer ${token}` }),
      )
      .thenAnswers({ status: 201, events: [eventBy('bootstrap')] }));

  it('others may not', async () => {
    const { status } = await spec.authority.admin('GET', '/clients', undefined, { authorization: `Bearer ${token}x` });
    expect(status).toBe(401);
  });
});

/** Counts how often it is asked how far the log goes. */
class AskedStore extends MemoryEventStore {
  questions = 0;
  override head(): ReturnType<MemoryEventStore['head']> {
    this.questions += 1;
    return super.head();
  }
}

describe('the log is asked how far it goes', () => {
  const store = new AskedStore();
  const spec = authoritySpec({ ADMIN_AUTH: 'token' }, store);
  const { bearer, history } = adminTokenHistory('asking', ['clients:read', 'tokens:read', 'keys:read']);
  beforeAll(() => spec.given(history).prepare());
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  it.each([
    ['GET', '/clients', undefined],
    ['GET', '/clients/nothing', undefined],
    ['GET', '/keys/nothing', undefined],
    ['POST', '/oauth2/introspect', 'known'],
  ])('once for the caller and the answer of %s %s', async (method, path, body) => {
    const before = store.questions;
    const text = body === undefined ? undefined : `token=${spec.mintToken().token}`;
    await spec.authority.admin(method, path, text, { ...form, ...bearer });
    expect(store.questions - before).toBe(1);
  });
});

describe('two instances', () => {
  const store = new MemoryEventStore();
  const one = authoritySpec({ ADMIN_AUTH: 'token' }, store);
  const other = authoritySpec({ ADMIN_AUTH: 'token' }, store);

  it('know of a token, and that it was revoked, at once', async () => {
    const { bearer, history } = adminTokenHistory('operator', ['clients:read']);
    const statuses = (): Promise<number[]> =>
      Promise.all(
        [one, other].map(async ({ authority }) => (await authority.admin('GET', '/clients', undefined, bearer)).status),
      );
    expect(await statuses()).toEqual([401, 401]);
    await one.given(history).prepare();
    expect(await statuses()).toEqual([200, 200]);
    const data = { name: 'operator', revokedAt: '2026-01-15T12:00:00.000Z' };
    await other.given({ stream: history.stream, events: [{ type: 'AdminTokenRevoked', data }] }).prepare();
    expect(await statuses()).toEqual([401, 401]);
  });
});

/** Hands on what is appended only when it is told to. */
class HoldingStore extends MemoryEventStore {
  private held: Promise<void> | undefined;
  release: () => void = () => undefined;

  hold(): void {
    this.held = new Promise((resolve) => (this.release = resolve));
  }

  override subscribe(after: Position | undefined, handler: EventHandler): Subscription {
    return super.subscribe(after, async (events) => {
      await this.held;
      await handler(events);
    });
  }
}

describe('an instance that has not applied yet that a token was revoked', () => {
  const store = new HoldingStore();
  const spec = authoritySpec({ ADMIN_AUTH: 'token' }, store);
  const { bearer, history } = adminTokenHistory('late', ['clients:read', 'clients:write']);
  beforeAll(() => spec.given(history).prepare());
  afterAll(() => store.release());

  it.each(['GET', 'DELETE'])('lets its holder in no more: %s waits', async (method) => {
    expect((await spec.authority.admin('GET', '/clients/nothing', undefined, bearer)).status).toBe(404);
    store.hold();
    const data = { name: 'late', revokedAt: '2026-01-15T12:00:00.000Z' };
    await spec.given({ stream: history.stream, events: [{ type: 'AdminTokenRevoked', data }] }).prepare();
    let answered = false;
    const asking = spec.authority.admin(method, '/clients/nothing', undefined, bearer);
    void asking.then(() => (answered = true));
    expect((await spec.authority.admin('GET', '/version')).status).toBe(200); // it has come before this one is answered
    expect(answered).toBe(false);
    store.release();
    expect((await asking).status).toBe(401);
    await spec.given(history).prepare();
  });
});
