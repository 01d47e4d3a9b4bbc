import { describe, expect, it } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import { TestBrowser, codeIn } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import { afterLogin, errorIn, parametersOf } from './flow.js';
import { publishedKeys, verifyIdToken } from './id-tokens.js';

const keySet = '/keys/hydra.openid.id-token';
const kidOf = (token: string | undefined): string | undefined => decodeProtectedHeader(token ?? '').kid;

describe('signing keys', () => {
  const running = runningAuthority();
  const rotate = async (): Promise<string> => {
    const { status, json } = await running.authority.admin('POST', keySet, { alg: 'RS256', kid: '', use: 'sig' });
    expect(status).toBe(201);
    const keys = json.keys as { kid: string }[];
    return keys.find(({ kid }) => kid.startsWith('public:'))?.kid ?? '';
  };

  const remove = async (kid: string): Promise<number> =>
    (await running.authority.admin('DELETE', `${keySet}/${encodeURIComponent(kid)}`)).status;

  it('D10 are published before the first flow, public parts only', async () => {
    const { keys } = await publishedKeys(running.publicUrl);
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kty: 'RSA', use: 'sig', alg: 'RS256', kid: expect.stringMatching(/^public:/) });
    for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(keys[0]).not.toHaveProperty(member);
    expect(Buffer.from(keys[0]?.n ?? '', 'base64url')).toHaveLength(512);
  });

  it('#74 a new key signs at once; both are published; old tokens verify and are good hints', async () => {
    const client = await running.authority.createClient();
    const old = await running.authority.obtainTokens(client, { subject: 'alice' });
    const kid = await rotate();
    const fresh = await running.authority.obtainTokens(client, { subject: 'alice' });
    expect(kidOf(fresh.id_token)).toBe(kid);
    const published = (await publishedKeys(running.publicUrl)).keys.map((key) => key.kid);
    expect(published).toEqual(expect.arrayContaining([kid, kidOf(old.id_token)]));
    for (const token of [old.id_token, fresh.id_token]) await verifyIdToken(running.publicUrl, token, client.id);
    const parameters = parametersOf(client, { id_token_hint: old.id_token ?? '' });
    expect((await afterLogin(running.authority, new TestBrowser(), parameters)).pathname).toBe('/consent');
    const bobs = await afterLogin(running.authority, new TestBrowser(), parameters, { subject: 'bob' });
    expect(errorIn(bobs)).toBe('login_required');
  });

  it('D17 a rotation between authorization and exchange or refresh: key and kid agree', async () => {
    const client = await running.authority.createClient();
    const code = codeIn(await running.authority.authorize(new TestBrowser(), parametersOf(client)));
    const first = await rotate();
    const { json: tokens } = await running.authority.exchange(client, code);
    expect(kidOf(tokens.id_token)).toBe(first);
    await verifyIdToken(running.publicUrl, tokens.id_token, client.id);
    const second = await rotate();
    const { json: refreshed } = await running.authority.refresh(client, tokens.refresh_token);
    expect(kidOf(refreshed.id_token)).toBe(second);
    await verifyIdToken(running.publicUrl, refreshed.id_token, client.id);
  });

  it('4.4 a key of another kind in the set does no harm', async () => {
    const client = await running.authority.createClient();
    expect((await running.authority.admin('POST', keySet, { alg: 'HS256', kid: 'x', use: 'sig' })).status).toBe(201);
    const tokens = await running.authority.obtainTokens(client);
    await verifyIdToken(running.publicUrl, tokens.id_token, client.id);
    const { keys } = await publishedKeys(running.publicUrl);
    expect(keys.every((key) => key.kid?.startsWith('public:') && key.kty === 'RSA')).toBe(true);
  });

  it('4.4 the public half of a key that signs stays published, deleted or not', async () => {
    const client = await running.authority.createClient();
    const kid = await rotate();
    expect(await remove(kid)).toBe(204);
    const { id_token: token } = await running.authority.obtainTokens(client);
    expect(kidOf(token)).toBe(kid);
    await verifyIdToken(running.publicUrl, token, client.id);
  });

  it('4.4 a key with both halves deleted verifies nothing more, no hints either', async () => {
    const client = await running.authority.createClient();
    const { id_token: old = '' } = await running.authority.obtainTokens(client, { subject: 'alice' });
    await rotate();
    const kid = kidOf(old) ?? '';
    expect([await remove(kid), await remove(kid.replace('public:', 'private:'))]).toEqual([204, 204]);
    expect((await publishedKeys(running.publicUrl)).keys.map((key) => key.kid)).not.toContain(kid);
    await expect(verifyIdToken(running.publicUrl, old, client.id)).rejects.toThrow();
    const url = await afterLogin(running.authority, new TestBrowser(), parametersOf(client, { id_token_hint: old }));
    expect(errorIn(url)).toBe('invalid_request');
  });
});

describe('signing keys, the whole set deleted', () => {
  const running = runningAuthority();

  it('4.4 is refused or made good: tokens are issued and verify', async () => {
    const client = await running.authority.createClient();
    await running.authority.admin('DELETE', keySet);
    const tokens = await running.authority.obtainTokens(client);
    await verifyIdToken(running.publicUrl, tokens.id_token, client.id);
  });
});
