import { describe, expect, it } from '@jest/globals';
import { type Answer } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { publicClient } from './flow.js';

const grant = { grant_type: 'client_credentials' };

describe('client authentication (RFC 6749 2.3)', () => {
  const running = runningAuthority();
  const outcome = ({ status, json }: Answer): unknown[] => [status, json.error];
  const withHeader = async (authorization: string, form: Record<string, string> = grant): Promise<unknown[]> => {
    const response = await fetch(`${running.publicUrl}/oauth2/token`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams(form),
    });
    const { error } = (await response.json()) as { error?: string };
    return [response.status, error];
  };
  const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;
  const postClient = (): ReturnType<typeof running.authority.createClient> =>
    running.authority.createClient({ token_endpoint_auth_method: 'client_secret_post' });

  it('2.3.1 Basic, the body, or the id alone, each where registered', async () => {
    const byHeader = await running.authority.createClient();
    expect((await running.authority.form('/oauth2/token', grant, byHeader)).status).toBe(200);
    const byBody = await postClient();
    const credentials = { client_id: byBody.id, client_secret: byBody.secret };
    expect((await running.authority.form('/oauth2/token', { ...grant, ...credentials })).status).toBe(200);
    const none = await publicClient(running.authority);
    const form = { grant_type: 'authorization_code', code: 'x', client_id: none.id };
    expect(outcome(await running.authority.form('/oauth2/token', form))).toEqual([400, 'invalid_grant']);
  });

  it('2.3.1 id and secret are form-urlencoded in the header', async () => {
    const id = `app one+two:${crypto.randomUUID()}/ü`;
    const secret = 'se:cret+ %41 ünicode&=';
    await running.authority.createClient({ client_id: id, client_secret: secret });
    const encode = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);
    expect(await withHeader(basic(`${encode(id)}:${encode(secret)}`))).toEqual([200, undefined]);
    expect(await withHeader(basic(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`))).toEqual([
      200,
      undefined,
    ]);
    expect((await withHeader(basic(`${encode(id)}:${secret}`)))[0]).not.toBe(200);
  });

  it('#72 another method than the registered one: invalid_client', async () => {
    const byBody = await postClient();
    expect(outcome(await running.authority.form('/oauth2/token', grant, byBody))).toEqual([401, 'invalid_client']);
    const byHeader = await running.authority.createClient();
    const credentials = { client_id: byHeader.id, client_secret: byHeader.secret };
    const posted = await running.authority.form('/oauth2/token', { ...grant, ...credentials });
    expect(outcome(posted)).toEqual([401, 'invalid_client']);
    const none = await publicClient(running.authority);
    expect(outcome(await running.authority.form('/oauth2/token', grant, { ...none, secret: 'anything' }))).toEqual([
      401,
      'invalid_client',
    ]);
    const withSecret = { ...grant, client_id: none.id, client_secret: 'anything' };
    expect(outcome(await running.authority.form('/oauth2/token', withSecret))).toEqual([401, 'invalid_client']);
  });

  it('a confidential client cannot pass as a public one', async () => {
    const client = await running.authority.createClient();
    const answer = await running.authority.form('/oauth2/token', { ...grant, client_id: client.id });
    expect(outcome(answer)).toEqual([401, 'invalid_client']);
  });

  it('1.3 an unknown client, a wrong secret, an empty one', async () => {
    const client = await running.authority.createClient();
    for (const wrong of [
      { ...client, secret: 'wrong-secret' },
      { ...client, secret: '' },
      { ...client, secret: client.secret.toUpperCase() },
      { ...client, id: 'nobody' },
    ]) {
      const answer = await running.authority.form('/oauth2/token', grant, wrong);
      expect(outcome(answer)).toEqual([401, 'invalid_client']);
      expect(answer.json).not.toHaveProperty('request_id');
    }
    expect((await running.authority.form('/oauth2/token', grant, client)).status).toBe(200);
    const again = await running.authority.form('/oauth2/token', grant, { ...client, secret: 'wrong-secret' });
    expect(outcome(again)).toEqual([401, 'invalid_client']);
  });

  it('1.3 no credentials at all: invalid_request', async () => {
    expect(outcome(await running.authority.form('/oauth2/token', grant))).toEqual([400, 'invalid_request']);
    expect(await withHeader('Bearer abc')).toEqual([400, 'invalid_request']);
  });

  it.each(['Basic', 'Basic !!!', basic('no-colon'), basic('%zz:secret'), basic(':secret')])(
    '3.9 a malformed header: invalid_request (%s)',
    async (authorization) => {
      expect(await withHeader(authorization)).toEqual([400, 'invalid_request']);
    },
  );

  it('2.3 two different clients in one request', async () => {
    const [one, two] = [await running.authority.createClient(), await postClient()];
    const form = { ...grant, client_id: two.id, client_secret: two.secret };
    const answer = await running.authority.form('/oauth2/token', form, one);
    expect(outcome(answer)).toEqual([400, 'invalid_request']);
  });

  it('3.2 repeated credentials', async () => {
    const client = await postClient();
    const once = new URLSearchParams({ ...grant, client_id: client.id, client_secret: client.secret });
    const response = await fetch(`${running.publicUrl}/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `${once.toString()}&client_id=${client.id}`,
    });
    expect(response.status).toBe(400);
  });

  it('2.3.1 credentials in the query are none', async () => {
    const client = await postClient();
    const query = new URLSearchParams({ client_id: client.id, client_secret: client.secret });
    const answer = await running.authority.form(`/oauth2/token?${query.toString()}`, grant);
    expect(outcome(answer)).toEqual([400, 'invalid_request']);
  });

  it('an old secret is refused as soon as a new one is set', async () => {
    const client = await running.authority.createClient();
    expect((await running.authority.form('/oauth2/token', grant, client)).status).toBe(200);
    const { json } = await running.authority.admin('GET', `/clients/${client.id}`);
    await running.authority.admin('PUT', `/clients/${client.id}`, { ...json, client_secret: 'brand-new-secret' });
    expect(outcome(await running.authority.form('/oauth2/token', grant, client))).toEqual([401, 'invalid_client']);
    const renewed = { ...client, secret: 'brand-new-secret' };
    expect((await running.authority.form('/oauth2/token', grant, renewed)).status).toBe(200);
  });

  it('more wrong secrets at once than can be checked soon are 503, and do not keep the right one out', async () => {
    const client = await running.authority.createClient({ client_secret: 'a chosen secret' });
    const guesses = Array.from({ length: 600 }, (_, guess) =>
      running.authority.form('/oauth2/token', grant, { id: client.id, secret: `guess ${guess}` }),
    );
    const answers = await Promise.all(guesses);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 503]));
    expect(answers.find(({ status }) => status === 503)?.headers.get('retry-after')).toBe('1');
    expect((await running.authority.form('/oauth2/token', grant, client)).status).toBe(200);
  });
});
