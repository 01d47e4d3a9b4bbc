import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuthorityClient, type Answer, type Tokens, TcpRelay, scratchFolder } from '#libs/harness';
import { apps, runningAuthority } from '#libs/testing';
import { Clock } from '../../apps/authority/src/commands/clock.js';
import { readConfiguration } from '../../apps/authority/src/config/read-configuration.js';
import { type Served, serve } from '../../apps/authority/src/process/serve.js';
import { type Client } from '../oauth2/flow.js';
import { expectMalformed, expectNothing } from './expectations.js';

const inactive = '{"active":false}';
const form = 'application/x-www-form-urlencoded';

describe('introspection (admin-api.md 5.5)', () => {
  const running = runningAuthority();
  let client: Client;
  let tokens: Tokens;
  beforeAll(async () => {
    client = await running.authority.createClient({ scope: 'core foo.* openid offline' });
    tokens = await running.authority.obtainTokens(client, { subject: 'u', scope: 'core foo.* offline' });
  });
  const introspect = (body: string, type: string, path = '/oauth2/introspect'): Promise<Answer> =>
    running.authority.admin('POST', path, body, { 'content-type': type });

  it('T1 an access token', async () => {
    const { status, headers, text, json } = await running.authority.introspect(tokens.access_token);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json;charset=UTF-8']);
    expect(Object.keys(json)).toEqual(['active', 'scope', 'client_id', 'sub', 'exp', 'iat', 'iss', 'token_type']);
    expect(json).toMatchObject({ active: true, scope: 'core foo.* offline', client_id: client.id, sub: 'u' });
    expect(json).toMatchObject({ iss: `${running.publicUrl}/`, token_type: 'access_token' });
    expect(text).toMatch(/"exp":\d+,"iat":\d+,/);
  });

  it.each([
    ['foo.bar', true],
    ['foo.a.b', true],
    ['bar', false],
    ['foo.bar bar', false],
    ['foo', false],
    ['core.x', false],
    ['', true],
    ['  core  ', true],
  ])('T2 scope=%j: %s', async (scope, active) => {
    const { json } = await running.authority.introspect(tokens.access_token, { scope });
    expect(json).toMatchObject(active ? { active, scope: 'core foo.* offline' } : { active });
  });

  it('T3 what is no living token', async () => {
    const revoked = await running.authority.obtainTokens(client);
    expect((await running.authority.form('/oauth2/revoke', { token: revoked.access_token }, client)).status).toBe(200);
    for (const body of ['token=garbage', 'token=', 'scope=core', 'token=a.b', `token=${revoked.access_token}`, 'x=']) {
      const { status, headers, text } = await introspect(body, form);
      expect([body, status, headers.get('content-type'), text]).toEqual([body, 200, 'application/json', inactive]);
    }
  });

  it('T4 the hint says where to look first, no more', async () => {
    const { refresh_token: refreshToken = '', access_token: accessToken } = tokens;
    for (const hint of [{}, { token_type_hint: 'refresh_token' }, { token_type_hint: 'access_token' }])
      expect((await running.authority.introspect(refreshToken, hint)).json).toMatchObject({
        ...{ active: true, token_type: 'refresh_token' },
      });
    for (const hint of ['refresh_token', 'id_token', ''])
      expect((await running.authority.introspect(accessToken, { token_type_hint: hint })).json).toMatchObject({
        ...{ active: true, token_type: 'access_token' },
      });
  });

  it('T5 no form', async () => {
    const { access_token: token } = tokens;
    for (const [body, type, path] of [
      ['', form],
      [JSON.stringify({ token }), 'application/json'],
      [`token=${token}`, 'text/plain'],
      ['', form, `/oauth2/introspect?token=${token}`],
    ] as const) {
      const answer = await introspect(body, type, path);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/json;charset=UTF-8']);
      expect(answer.json).toMatchObject({ error: 'invalid_request', status_code: 400 });
      for (const member of ['request_id', 'error_debug']) expect(answer.json).not.toHaveProperty(member);
    }
    expect((await introspect('token=x', form, `/oauth2/introspect?token=${token}`)).text).toBe(inactive);
  });

  it('T6 credentials are not looked at', async () => {
    for (const authorization of ['Basic nonsense', 'Bearer nonsense', `Basic ${btoa('a:b')}`]) {
      const headers = { authorization, 'content-type': form };
      const answer = await running.authority.admin(
        'POST',
        '/oauth2/introspect',
        `token=${tokens.access_token}`,
        headers,
      );
      expect(answer.text).toBe((await running.authority.introspect(tokens.access_token)).text);
    }
  });

  it('T7 a multipart form', async () => {
    const body = new FormData();
    body.set('token', tokens.access_token);
    body.set('scope', 'core');
    const answer = await fetch(`${running.authority.urls.adminUrl}/oauth2/introspect`, { method: 'POST', body });
    expect(await answer.json()).toEqual((await running.authority.introspect(tokens.access_token)).json);
  });

  const multipart: readonly [what: string, type: string, lines: readonly string[]][] = [
    [
      ...(['a short boundary', 'multipart/form-data; boundary=x'] as const),
      ['--x', 'Content-Disposition: form-data; name="token"', '', '%', '--x--', ''],
    ],
    [
      ...(['a quoted boundary, a bare name', 'Multipart/Form-Data; Boundary="a b"'] as const),
      ['--a b', 'content-disposition: form-data; name=token', '', '%', '--a b--'],
    ],
    [
      ...(['a preamble, a file, a second token', 'multipart/form-data; boundary=()+_,./:=?'] as const),
      [
        ...['preamble', '--()+_,./:=?', 'Content-Type: text/plain', '', 'x', '--()+_,./:=? '],
        ...['content-disposition: form-data; filename="; name=token"; name="token"', '', 'in a file', '--()+_,./:=?'],
        ...['Content-Disposition: form-data; name="token"', 'Content-Type: text/plain', '', '%', '--()+_,./:=?'],
        ...['Content-Disposition: form-data; name="token"', '', 'garbage', '--()+_,./:=?--', 'epilogue'],
      ],
    ],
  ];
  it.each(multipart)('T7 a multipart form with %s', async (_what, type, lines) => {
    const body = lines.join('\r\n').replace('%', tokens.access_token);
    expect((await introspect(body, type)).json).toMatchObject({ active: true, sub: 'u' });
  });

  it.each([
    ['multipart/form-data', '--x\r\nContent-Disposition: form-data; name="token"\r\n\r\na\r\n--x--\r\n'],
    ['multipart/form-data; boundary=x', '--x\nContent-Disposition: form-data; name="token"\n\na\n--x--\n'],
    ['multipart/form-data; boundary=x', ''],
    ['multipart/form-data; boundary=x', 'token=a'],
    ['multipart/form-data; boundary=x', '--x--'],
    ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="token"\r\n\r\na\r\n--y--\r\n'],
    ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="token"\r\n--x--\r\n'],
    ['multipart/form-data; boundary=.', '--x\r\nContent-Disposition: form-data; name="token"\r\n\r\na\r\n--x--\r\n'],
  ])('T7 %s with %j is no form', async (type, body) => {
    const { status, json } = await introspect(body, type);
    expect([status, json.error, json.status_code]).toEqual([400, 'invalid_request', 400]);
  });

  it('T7 a multipart form made to be slow is answered at once', async () => {
    const long = 1_000_000;
    const header = 'Content-Disposition: form-data; ';
    for (const part of ['a'.repeat(long), '; '.repeat(long / 2), ';a="'.repeat(long / 4), '\t'.repeat(long)]) {
      const body = `--x\r\n${header}${part}\r\n\r\nv\r\n--x--\r\n`;
      expect((await introspect(body, 'multipart/form-data; boundary=x')).status).toBeLessThan(500);
    }
  });

  it('T7 the content type of a form goes by its name, in any case and with any parameters', async () => {
    for (const type of [form.toUpperCase(), `${form};charset=ISO-8859-1`, `${form} ; x`, `${form}; charset=utf-8`])
      expect([type, (await introspect(`token=${tokens.access_token}`, type)).json.active]).toEqual([type, true]);
    for (const type of [`${form}x`, `${form}, ${form}`, 'x', '', 'application/x-www-form', 'text/plain'])
      expect([type, (await introspect(`token=${tokens.access_token}`, type)).status]).toEqual([type, 400]);
  });

  it('T3 of a parameter that is there twice the first one counts', async () => {
    const { access_token: token } = tokens;
    for (const [body, active] of [
      [`token=${token}&token=garbage`, true],
      [`token=garbage&token=${token}`, false],
      [`token=${token}&scope=core&scope=bar`, true],
      [`token=${token}&scope=bar&scope=core`, false],
      [`TOKEN=${token}`, false],
      [`token=${token}%20`, false],
    ] as const)
      expect([body, (await introspect(body, form)).json.active]).toEqual([body, active]);
  });

  it("T8 a client's own token", async () => {
    const { json } = await running.authority.form('/oauth2/token', { grant_type: 'client_credentials' }, client);
    const found = (await running.authority.introspect(json.access_token)).json;
    expect(found).toMatchObject({ active: true, sub: client.id, client_id: client.id });
    for (const member of ['ext', 'aud', 'scope', 'username', 'nbf']) expect(found).not.toHaveProperty(member);
  });

  it.each(['', ' ', '{"notAfter":""}', '{"notAfter":1}', '{"notAfter":"yesterday"}', '[]', '{', '"now"'])(
    'T12 no flush: %j',
    async (body) => expectMalformed(await running.authority.admin('POST', '/oauth2/flush', body)),
  );
});

/** A clock that a test sets. */
class SetClock extends Clock {
  at = new Date('2026-03-01T12:00:00Z');

  override now(): Date {
    return this.at;
  }
}

describe('the flush, with tokens of the past (admin-api.md 2.24)', () => {
  const minute = 60_000;
  const clock = new SetClock();
  let held: TcpRelay; // the issuer's port has to be known before
  let served: Served;
  let authority: AuthorityClient;
  let remove: () => Promise<void>;
  let client: Client;
  beforeAll(async () => {
    const scratch = await scratchFolder();
    remove = () => scratch.remove();
    held = await TcpRelay.listen();
    const ports = { SERVE_PUBLIC_PORT: '0', SERVE_ADMIN_PORT: '0', SERVE_PUBLIC_HOST: '127.0.0.1' };
    const urls = {
      URLS_SELF_ISSUER: `http://127.0.0.1:${held.port}`,
      URLS_LOGIN: apps.login,
      URLS_CONSENT: apps.consent,
    };
    const { configuration } = readConfiguration({ DATA_DIR: scratch.folder, LOG_LEVEL: 'silent', ...ports, ...urls });
    served = await serve(configuration, ['admin', 'public'], { clock });
    const { admin = '', public: publicUrl = '' } = served.urls;
    held.up(Number(new URL(publicUrl).port));
    authority = new AuthorityClient({ adminUrl: admin, publicUrl });
    client = await authority.createClient();
  });
  afterAll(async () => {
    await served.close();
    await held.close();
    await remove();
  });

  const issue = async (): Promise<string> =>
    (await authority.form('/oauth2/token', { grant_type: 'client_credentials' }, client)).json.access_token;
  const flush = (body: unknown): Promise<Answer> => authority.admin('POST', '/oauth2/flush', body);
  /** Which of the tokens are still in the log's view, expired or not: what a clock set back to their time finds. */
  const kept = async (tokens: readonly (readonly [token: string, issued: Date])[]): Promise<boolean[]> => {
    const { at } = clock;
    const found: boolean[] = [];
    for (const [token, issued] of tokens) {
      clock.at = issued;
      found.push(await authority.isActive(token));
    }
    clock.at = at;
    return found;
  };

  it('T10 T11 T13 takes what was issued before notAfter and has outlived the lifespan', async () => {
    const now = clock.at.getTime();
    const tokens: [string, Date][] = [];
    for (const age of [120, 61, 0]) {
      clock.at = new Date(now - age * minute);
      tokens.push([await issue(), clock.at]);
    }
    const ago = (minutes: number): string => new Date(now - minutes * minute).toISOString();
    expect(await Promise.all(tokens.map(([token]) => authority.isActive(token)))).toEqual([false, false, true]);
    expectNothing(await flush({ notAfter: ago(24 * 60) }));
    expect(await kept(tokens)).toEqual([true, true, true]);
    expectNothing(await flush({ notAfter: ago(120) })); // strictly before
    expect(await kept(tokens)).toEqual([true, true, true]);
    expectNothing(await flush({ NOTAFTER: ago(90).replace('Z', '+00:00'), unknown: 1 }));
    expect(await kept(tokens)).toEqual([false, true, true]);
    expectNothing(await flush({ notAfter: ago(0) }));
    expect(await kept(tokens)).toEqual([false, false, true]);
    expect(await authority.isActive(tokens[2]![0])).toBe(true);
  });

  it('T3 an expired token', async () => {
    const token = await issue();
    const issued = clock.at;
    clock.at = new Date(issued.getTime() + 60 * minute - 1000);
    expect(await authority.isActive(token)).toBe(true);
    clock.at = new Date(issued.getTime() + 60 * minute + 1000);
    const { status, headers, text } = await authority.introspect(token);
    expect([status, headers.get('content-type'), text]).toEqual([200, 'application/json', inactive]);
  });

  it.each([
    ...[
      '{}',
      'null',
      '{"notAfter":null}',
      '{"notAfter":"0001-01-01T00:00:00Z"}',
      '{"notAfter":"9999-12-31T23:59:59Z"}',
    ],
    '{"not_after":"2001-01-01T00:00:00Z"}',
  ])('T11 T13 %s means now', async (body) => {
    const old: [string, Date] = [await issue(), clock.at];
    clock.at = new Date(clock.at.getTime() + 61 * minute);
    const fresh: [string, Date] = [await issue(), clock.at];
    expectNothing(await flush(body));
    expect(await kept([old, fresh])).toEqual([false, true]);
  });

  it('T11 leaves refresh tokens', async () => {
    const user = await authority.createClient();
    const tokens = await authority.obtainTokens(user, { subject: 'u' });
    clock.at = new Date(clock.at.getTime() + 61 * minute);
    expectNothing(await flush({}));
    expect((await authority.refresh(user, tokens.refresh_token ?? '')).status).toBe(200);
  });
});
