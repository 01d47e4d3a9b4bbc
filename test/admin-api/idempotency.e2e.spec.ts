import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Answer,
  AuthorityClient,
  type AuthorityProcess,
  TestBrowser,
  challengeIn,
  scratchFolder,
  startAuthority,
} from '#libs/harness';
import { apps } from '#libs/testing';
import { type Client, parametersOf, reachConsent } from '../oauth2/flow.js';
import { expectError } from './expectations.js';

let dataDir: string;
let remove: () => Promise<void>;
let process: AuthorityProcess;
let authority: AuthorityClient;

beforeAll(async () => {
  ({ folder: dataDir, remove } = await scratchFolder());
  await start();
});
afterAll(async () => {
  await process.stop();
  await remove();
});

async function start(): Promise<void> {
  const urls = { URLS_LOGIN: apps.login, URLS_CONSENT: apps.consent, URLS_ERROR: apps.error };
  process = await startAuthority(dataDir, urls);
  authority = new AuthorityClient(process);
}

/** How many events the log has, `$` ones aside. */
function recorded(): number {
  const db = new DatabaseSync(join(dataDir, 'events.db'), { readOnly: true });
  try {
    return Number(db.prepare(`SELECT count(*) AS count FROM events WHERE type NOT LIKE '$%'`).get()?.['count']);
  } finally {
    db.close();
  }
}

const keyed = (method: string, path: string, body: unknown, key: string): Promise<Answer> =>
  authority.admin(method, path, body, { 'idempotency-key': key });

/** What a caller can see of an answer, but for when and as which request it came. */
function seen({ status, text, headers }: Answer): object {
  const shown = Object.fromEntries(['location', 'content-type', 'hydrant-position'].map((n) => [n, headers.get(n)]));
  return { status, text, ...shown };
}

async function expectRepeat(first: Answer, again: () => Promise<Answer>): Promise<void> {
  const before = recorded();
  const repeat = await again();
  expect({ ...seen(repeat), events: recorded() }).toEqual({ ...seen(first), events: before });
}

async function expectRefused(status: number, again: () => Promise<Answer>): Promise<void> {
  const before = recorded();
  expectError(await again(), status, /./);
  expect(recorded()).toBe(before);
}

describe.each(['', '/admin'])('Idempotency-Key on POST %s/clients', (prefix) => {
  const create = (key: string, body: unknown = {}): Promise<Answer> => keyed('POST', `${prefix}/clients`, body, key);
  const machine = { grant_types: ['client_credentials'], scope: 'a b', client_name: 'twice' };

  it('a repeat gets the same client with the same generated secret, which works', async () => {
    const first = await create('generated', machine);
    expect(first.status).toBe(201);
    await expectRepeat(first, () => create('generated', machine));
    const { client_id: id, client_secret: secret } = first.json;
    expect(secret).toMatch(/^[\w.~-]{26}$/);
    const token = await authority.form('/oauth2/token', { grant_type: 'client_credentials' }, { id, secret });
    expect(token.status).toBe(200);
  });

  it('so it does after a crash', async () => {
    const first = await create('crash', machine);
    await process.kill();
    await start();
    await expectRepeat(first, () => create('crash', machine));
  });

  it('so it does when the client was changed since: the answer is that of then', async () => {
    const first = await create('changed', machine);
    const path = `${prefix}/clients/${first.json.client_id}`;
    expect((await authority.admin('PUT', path, { client_secret: 'another secret' })).status).toBe(200);
    await expectRepeat(first, () => create('changed', machine));
  });

  it('an id and a secret of the caller’s choice are answered again', async () => {
    const body = { client_id: `chosen${prefix.slice(1)}`, client_secret: 'correct-horse', contacts: ['a'] };
    const first = await create('chosen', body);
    expect(first.json).toMatchObject({ client_secret: 'correct-horse', contacts: ['a'], owner: '' });
    await expectRepeat(first, () => create('chosen', body));
    await expectRefused(409, () => create('another key', body));
    await expectRefused(409, () => authority.admin('POST', `${prefix}/clients`, body));
  });

  it('of many at once one creates the client, and all get its answer', async () => {
    const before = recorded();
    const answers = await Promise.all(Array.from({ length: 12 }, () => create('race', machine)));
    expect(new Set(answers.map((answer) => JSON.stringify(seen(answer)))).size).toBe(1);
    expect([answers[0]?.status, recorded() - before]).toEqual([201, 1]);
  });

  it('another body with the same key is 422, also with another client_id', async () => {
    const first = await create('reused', machine);
    await expectRefused(422, () => create('reused', { ...machine, scope: 'a b c' }));
    await expectRefused(422, () => create('reused', { ...machine, client_id: 'somebody-else' }));
    await expectRepeat(first, () => create('reused', machine));
  });

  it('of many at once with other bodies one creates a client, the others are 422', async () => {
    const before = recorded();
    const names = Array.from({ length: 8 }, (_, index) => `one-of-many-${prefix.slice(1)}-${index}`);
    const answers = await Promise.all(
      names.map((name) => create('race of names', { client_id: name, client_secret: 'correct-horse' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...names.slice(1).map(() => 422)]);
    expect(recorded() - before).toBe(1);
  });

  it('a repeat after the deletion is 409, also when there is a client of that name again', async () => {
    const body = { client_id: `deleted${prefix.slice(1)}` };
    const path = `${prefix}/clients/${body.client_id}`;
    await create('deleted', body);
    await authority.admin('DELETE', path);
    await expectRefused(409, () => create('deleted', body));
    await create('deleted, another', body);
    await expectRefused(409, () => create('deleted', body));
    expect((await authority.admin('GET', path)).status).toBe(200);
  });

  it('a refused request leaves its key free', async () => {
    await expectRefused(400, () => create('refused', { ...machine, subject_type: 'strange' }));
    expect((await create('refused', machine)).status).toBe(201);
  });

  it('without a key, or with another one, each request makes a client', async () => {
    const answers = [await create('one'), await create('two'), await authority.admin('POST', `${prefix}/clients`, {})];
    expect(new Set(answers.map(({ json }) => json.client_id)).size).toBe(3);
    expect(new Set(answers.map(({ json }) => json.client_secret)).size).toBe(3);
  });

  it.each([
    ['empty', ''],
    ['of 256 characters', 'k'.repeat(256)],
    ['with a character beyond ASCII', 'é'],
  ])('a key that is %s is 400', async (_case, key) => expectRefused(400, () => create(key, machine)));

  it('a key of 255 characters is one', async () => expect((await create('k'.repeat(255), machine)).status).toBe(201));
});

it('a key is for one path: below /admin it is another one', async () => {
  const paths = ['/clients', '/admin/clients'];
  const [first, second] = await Promise.all(paths.map((path) => keyed('POST', path, {}, 'both')));
  expect(first?.json.client_id).not.toBe(second?.json.client_id);
});

describe.each([
  ['', 'RS256', 2],
  ['/admin', 'ES256', 1],
])('Idempotency-Key on POST %s/keys/{set}', (prefix, alg, count) => {
  const path = (set: string): string => `${prefix}/keys/${set}${prefix.slice(1)}`;
  const generate = (set: string, key: string, body: unknown = { alg }): Promise<Answer> =>
    keyed('POST', path(set), body, key);
  const kids = async (set: string): Promise<string[]> =>
    (await authority.admin('GET', path(set))).json.keys.map(({ kid }: { kid: string }) => kid);

  it('a repeat gets the same keys with their private parts, also after a rotation and a crash', async () => {
    const first = await generate('set', 'k');
    expect(first.json.keys).toHaveLength(count);
    expect(first.json.keys[0].d).toEqual(expect.any(String));
    await expectRepeat(first, () => generate('set', 'k'));
    expect((await generate('set', 'rotation')).status).toBe(201);
    await process.kill();
    await start();
    await expectRepeat(first, () => generate('set', 'k'));
    expect(await kids('set')).toHaveLength(2 * count);
    await expectRefused(422, () => generate('set', 'k', { alg, use: 'enc' }));
  });

  it('of many at once one generates keys, and all get them', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => generate('race', 'k', { alg: 'ES512' })));
    expect(answers[0]?.status).toBe(201);
    expect(new Set(answers.map((answer) => JSON.stringify(seen(answer)))).size).toBe(1);
    expect(await kids('race')).toHaveLength(count);
  });

  it('a repeat after one of the keys went, or all of them, is 409', async () => {
    await generate('gone', 'k');
    const [kid] = await kids('gone');
    await authority.admin('DELETE', `${path('gone')}/${encodeURIComponent(kid ?? '')}`);
    await expectRefused(409, () => generate('gone', 'k'));
    await generate('gone', 'another');
    await authority.admin('DELETE', path('gone'));
    await expectRefused(409, () => generate('gone', 'another'));
  });
});

describe('Idempotency-Key on decisions', () => {
  const decide = (kind: 'login' | 'consent', challenge: string, decision: 'accept' | 'reject') =>
    [
      ['in the path', `/oauth2/auth/requests/${kind}/${challenge}/${decision}`],
      ['in the query', `/oauth2/auth/requests/${kind}/${decision}?${kind}_challenge=${challenge}`],
      ['below /admin', `/admin/oauth2/auth/requests/${kind}/${decision}?${kind}_challenge=${challenge}`],
    ] as const;
  const styles = [0, 1, 2] as const;
  const atLogin = async (): Promise<{ client: Client; browser: TestBrowser; challenge: string }> => {
    const [client, browser] = [await authority.createClient(), new TestBrowser()];
    return { client, browser, challenge: await authority.requestLogin(browser, parametersOf(client)) };
  };
  const atConsent = async (): Promise<{ client: Client; browser: TestBrowser; challenge: string }> => {
    const [client, browser] = [await authority.createClient(), new TestBrowser()];
    return { client, browser, challenge: await reachConsent(authority, browser, parametersOf(client)) };
  };

  describe.each(styles)('style %i', (style) => {
    it('a login accepted again is answered again, also when the browser has come back; without the key it is 409', async () => {
      const { browser, challenge } = await atLogin();
      const path = decide('login', challenge, 'accept')[style][1];
      const accept = (body: object = { subject: 'alice' }): Promise<Answer> => keyed('PUT', path, body, 'k');
      const first = await accept();
      expect(first.status).toBe(200);
      await expectRepeat(first, accept);
      challengeIn(await browser.followed(first.json.redirect_to), 'consent_challenge');
      await expectRepeat(first, accept);
      await expectRefused(422, () => accept({ subject: 'mallory' }));
      await expectRefused(409, () => authority.admin('PUT', path, { subject: 'alice' }));
      await expectRefused(409, () => keyed('PUT', path, { subject: 'alice' }, 'another'));
    });

    it('so is a rejected one', async () => {
      const { challenge } = await atLogin();
      const path = decide('login', challenge, 'reject')[style][1];
      const first = await keyed('PUT', path, { error: 'access_denied' }, 'k');
      await expectRepeat(first, () => keyed('PUT', path, { error: 'access_denied' }, 'k'));
      await expectRefused(422, () => keyed('PUT', path, { error: 'login_required' }, 'k'));
    });

    it('a consent decided again is not decided again: a later decision stands', async () => {
      const { browser, challenge } = await atConsent();
      const [accepting, rejecting] = (['accept', 'reject'] as const).map(
        (d) => decide('consent', challenge, d)[style][1],
      );
      const accept = (body: object = { grant_scope: ['openid'] }): Promise<Answer> =>
        keyed('PUT', accepting ?? '', body, 'k');
      const first = await accept();
      await expectRepeat(first, accept);
      await expectRefused(422, () => accept({ grant_scope: [] }));
      const rejected = await keyed('PUT', rejecting ?? '', { error: 'access_denied' }, 'k');
      await expectRepeat(first, accept);
      await expectRepeat(rejected, () => keyed('PUT', rejecting ?? '', { error: 'access_denied' }, 'k'));
      const url = await browser.followed(first.json.redirect_to);
      expect(url.searchParams.get('error')).toBe('access_denied');
      await expectRepeat(first, accept); // used by now, which later generations refuse without a key
    });

    it('a repeat after the client went is 409', async () => {
      const login = await atLogin();
      const consent = await atConsent();
      const loginPath = decide('login', login.challenge, 'accept')[style][1];
      const consentPath = decide('consent', consent.challenge, 'accept')[style][1];
      expect((await keyed('PUT', loginPath, { subject: 'alice' }, 'k')).status).toBe(200);
      expect((await keyed('PUT', consentPath, {}, 'k')).status).toBe(200);
      for (const { client } of [login, consent]) await authority.admin('DELETE', `/clients/${client.id}`);
      await expectRefused(409, () => keyed('PUT', loginPath, { subject: 'alice' }, 'k'));
      await expectRefused(409, () => keyed('PUT', consentPath, {}, 'k'));
      await expectRefused(404, () => keyed('PUT', consentPath, {}, 'another'));
    });
  });

  it('of many acceptances at once one decides, and all are answered alike', async () => {
    const { challenge } = await atConsent();
    const before = recorded();
    const path = decide('consent', challenge, 'accept')[0][1];
    const body = { grant_scope: ['openid'], remember: true };
    const answers = await Promise.all(Array.from({ length: 8 }, () => keyed('PUT', path, body, 'k')));
    expect(new Set(answers.map((answer) => JSON.stringify(seen(answer)))).size).toBe(1);
    expect(recorded() - before).toBe(1);
    expect((await authority.consentRequest(challenge)).challenge).toBe(challenge);
  });

  it('a revoked consent accepted again is 409', async () => {
    const { browser, challenge } = await atConsent();
    const path = decide('consent', challenge, 'accept')[0][1];
    const first = await keyed('PUT', path, { grant_scope: ['openid'] }, 'k');
    await browser.followed(first.json.redirect_to);
    expect((await authority.admin('DELETE', '/oauth2/auth/sessions/consent/alice')).status).toBe(204);
    await expectRefused(409, () => keyed('PUT', path, { grant_scope: ['openid'] }, 'k'));
  });
});

it('the header means nothing to operations that are idempotent by themselves', async () => {
  const { id } = await authority.createClient();
  for (const owner of ['a', 'b']) {
    const answer = await keyed('PUT', `/clients/${id}`, { owner }, 'k');
    expect([answer.status, answer.json.owner]).toEqual([200, owner]);
  }
  expect((await keyed('DELETE', `/clients/${id}`, undefined, 'k')).status).toBe(204);
});
