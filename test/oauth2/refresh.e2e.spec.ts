import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type Answer } from '#libs/harness';
import { runningAuthority } from '#libs/testing';

const outcome = ({ status, json }: Answer): unknown[] => [status, json.error];
const invalidGrant = [400, 'invalid_grant'];

describe('refreshing (RFC 6749 6)', () => {
  const running = runningAuthority();
  const update = async (id: string, members: object): Promise<void> => {
    const { json } = await running.authority.admin('GET', `/clients/${id}`);
    await running.authority.admin('PUT', `/clients/${id}`, { ...json, ...members });
  };

  it('#55 rotates both tokens; the ID token keeps who and when', async () => {
    const client = await running.authority.createClient();
    const consent = { session: { id_token: { colour: 'blue' }, access_token: { tenant: 7 } } };
    const old = await running.authority.obtainTokens(client, { consent, login: { acr: '2' } });
    const answer = await running.authority.refresh(client, old.refresh_token ?? '');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.json.scope).toBe('openid offline');
    expect(await running.authority.isActive(old.access_token)).toBe(false);
    expect(await running.authority.isActive(old.refresh_token ?? '')).toBe(false);
    expect(await running.authority.isActive(answer.json.refresh_token)).toBe(true);
    const userinfo = await fetch(`${running.publicUrl}/userinfo?access_token=${old.access_token}`);
    expect(userinfo.status).toBe(401);
    const [before, after] = [decodeJwt(old.id_token ?? ''), decodeJwt(answer.json.id_token)];
    const { sub, auth_time, rat, acr, colour, aud, iss } = before;
    expect(after).toMatchObject({ sub, auth_time, rat, acr, colour, aud, iss });
    expect(after.jti).not.toBe(before.jti);
    expect((await running.authority.introspect(answer.json.access_token)).json.ext).toEqual({ tenant: 7 });
  });

  it('D18 no nonce after a refresh', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client);
    const { json } = await running.authority.refresh(client, tokens.refresh_token ?? '');
    expect(decodeJwt(json.id_token)).not.toHaveProperty('nonce');
  });

  it('#56 D21 a token used twice ends the grant', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client);
    const { json: next } = await running.authority.refresh(client, tokens.refresh_token ?? '');
    expect(outcome(await running.authority.refresh(client, tokens.refresh_token ?? ''))).toEqual(invalidGrant);
    expect(await running.authority.isActive(next.access_token)).toBe(false);
    expect(outcome(await running.authority.refresh(client, next.refresh_token))).toEqual(invalidGrant);
  });

  it('#56 D21 of concurrent refreshes at most one gives tokens', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client);
    const answers = await Promise.all(
      [1, 2, 3].map(() => running.authority.refresh(client, tokens.refresh_token ?? '')),
    );
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(answers.every(({ status }) => status === 200 || status === 400)).toBe(true);
  });

  it('#77 six in a row work, an old one afterwards does not', async () => {
    const client = await running.authority.createClient();
    const { refresh_token: first = '' } = await running.authority.obtainTokens(client);
    let current = first;
    for (let round = 1; round <= 6; round++) {
      const { status, json } = await running.authority.refresh(client, current);
      expect([round, status]).toEqual([round, 200]);
      current = json.refresh_token;
    }
    expect(outcome(await running.authority.refresh(client, first))).toEqual(invalidGrant);
  });

  it('3.4 a token of another client does nothing, to either', async () => {
    const [client, other] = [await running.authority.createClient(), await running.authority.createClient()];
    const { refresh_token: token = '' } = await running.authority.obtainTokens(client);
    expect(outcome(await running.authority.refresh(other, token))).toEqual(invalidGrant);
    expect((await running.authority.refresh(client, token)).status).toBe(200);
    expect(outcome(await running.authority.refresh(other, token))).toEqual(invalidGrant);
  });

  it('D21 a rotated token that another client holds does not end the grant', async () => {
    const [client, other] = [await running.authority.createClient(), await running.authority.createClient()];
    const { refresh_token: token = '' } = await running.authority.obtainTokens(client);
    const { json: next } = await running.authority.refresh(client, token);
    expect(outcome(await running.authority.refresh(other, token))).toEqual(invalidGrant);
    expect(await running.authority.isActive(next.access_token)).toBe(true);
  });

  it('D21 a token used twice ends the grant, also when the client may not have its scope any more', async () => {
    const client = await running.authority.createClient();
    const { refresh_token: first = '' } = await running.authority.obtainTokens(client);
    const { json: next } = await running.authority.refresh(client, first);
    const { json } = await running.authority.admin('GET', `/clients/${client.id}`);
    await running.authority.admin('PUT', `/clients/${client.id}`, { ...json, scope: 'openid' });
    expect(outcome(await running.authority.refresh(client, next.refresh_token))).toEqual([400, 'invalid_scope']);
    expect(await running.authority.isActive(next.access_token)).toBe(true);
    expect(outcome(await running.authority.refresh(client, first))).toEqual(invalidGrant);
    expect(await running.authority.isActive(next.access_token)).toBe(false);
  });

  it.each(['garbage', `${'A'.repeat(43)}.${'A'.repeat(43)}`])('3.4 an unknown token (%s)', async (token) => {
    const client = await running.authority.createClient();
    expect(outcome(await running.authority.refresh(client, token))).toEqual(invalidGrant);
  });

  it('3.4 an access token is no refresh token', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client);
    expect(outcome(await running.authority.refresh(client, tokens.access_token))).toEqual(invalidGrant);
    expect(await running.authority.isActive(tokens.access_token)).toBe(true);
  });

  it('3.4 no token at all', async () => {
    const client = await running.authority.createClient();
    const answer = await running.authority.form('/oauth2/token', { grant_type: 'refresh_token' }, client);
    expect(outcome(answer)).toEqual([400, 'invalid_request']);
  });

  it('3.4 a client without the grant', async () => {
    const client = await running.authority.createClient();
    const { refresh_token: token = '' } = await running.authority.obtainTokens(client);
    await update(client.id, { grant_types: ['authorization_code'] });
    expect(outcome(await running.authority.refresh(client, token))).toEqual(invalidGrant);
    await update(client.id, { grant_types: ['refresh_token'] });
    expect((await running.authority.refresh(client, token)).status).toBe(200);
  });

  it('#58 a client whose scope shrank: invalid_scope, the old tokens stay', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client, { scope: 'openid offline photos' });
    await update(client.id, { scope: 'openid offline' });
    expect(outcome(await running.authority.refresh(client, tokens.refresh_token ?? ''))).toEqual([
      400,
      'invalid_scope',
    ]);
    expect(await running.authority.isActive(tokens.access_token)).toBe(true);
    await update(client.id, { scope: 'openid offline photos' });
    expect((await running.authority.refresh(client, tokens.refresh_token ?? '')).status).toBe(200);
  });

  it('3.4 the scope parameter changes nothing', async () => {
    const client = await running.authority.createClient();
    const { refresh_token: token = '' } = await running.authority.obtainTokens(client, {
      scope: 'openid offline photos',
    });
    const form = { grant_type: 'refresh_token', refresh_token: token, scope: 'photos' };
    expect((await running.authority.form('/oauth2/token', form, client)).json.scope).toBe('openid offline photos');
  });
});

describe('refreshing, with reuse ignored (D21)', () => {
  const running = runningAuthority({ OAUTH2_REFRESH_TOKEN_REUSE: 'ignore' });

  it('#56 the old token is refused, the new pair stays', async () => {
    const client = await running.authority.createClient();
    const tokens = await running.authority.obtainTokens(client);
    const { json: next } = await running.authority.refresh(client, tokens.refresh_token ?? '');
    expect(outcome(await running.authority.refresh(client, tokens.refresh_token ?? ''))).toEqual(invalidGrant);
    expect(await running.authority.isActive(next.access_token)).toBe(true);
    expect((await running.authority.refresh(client, next.refresh_token)).status).toBe(200);
  });
});

describe('refreshing, with a grace period (D21)', () => {
  const running = runningAuthority({ OAUTH2_REFRESH_TOKEN_GRACE_SECONDS: '60' });

  it('concurrent refreshes all succeed, and all tokens live', async () => {
    const client = await running.authority.createClient();
    const { refresh_token: token = '' } = await running.authority.obtainTokens(client);
    const answers = await Promise.all([1, 2, 3].map(() => running.authority.refresh(client, token)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const { json } of answers) expect(await running.authority.isActive(json.access_token)).toBe(true);
  });

  it('a revoked grant has no grace', async () => {
    const client = await running.authority.createClient();
    const { refresh_token: token = '' } = await running.authority.obtainTokens(client);
    const { json: next } = await running.authority.refresh(client, token);
    await running.authority.form('/oauth2/revoke', { token: next.refresh_token }, client);
    expect(outcome(await running.authority.refresh(client, token))).toEqual(invalidGrant);
  });
});
