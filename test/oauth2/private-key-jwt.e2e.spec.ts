import { beforeAll, describe, expect, it } from '@jest/globals';
import { type JWK, SignJWT, UnsecuredJWT, exportJWK, generateKeyPair } from 'jose';
import { type Answer } from '#libs/harness';
import { type RunningAuthority, runningAuthority } from '#libs/testing';
import {
  type ClientKey,
  assertionClaims,
  assertionType,
  clientKey,
  malformed,
  method,
  outcome,
  refused,
  requestToken,
  sendAssertion,
  signedAssertion,
} from './client-keys.js';

let key: ClientKey;
let stranger: ClientKey;
beforeAll(async () => {
  [key, stranger] = await Promise.all([clientKey('one'), clientKey('one')]);
});

async function registered(running: RunningAuthority, keys: readonly JWK[] = [key.publicJwk]): Promise<string> {
  return (await running.authority.createClient({ ...method, jwks: { keys } })).id;
}

describe('private_key_jwt with registered keys (RFC 7523, OpenID Connect Core 1.0 9)', () => {
  const running = runningAuthority({ OAUTH2_EXPOSE_INTERNAL_ERRORS: 'true' });
  let id: string;
  beforeAll(async () => {
    id = await registered(running);
  });

  it('#71 a good assertion, with the id or without, at the token endpoint', async () => {
    const answer = await requestToken(running, id, key);
    expect(outcome(answer)).toEqual([200, undefined]);
    expect((await running.authority.introspect(answer.json.access_token)).json).toMatchObject({ client_id: id });
    expect((await requestToken(running, id, key, { form: { client_id: id } })).status).toBe(200);
    const aud = ['https://other.example', `${running.publicUrl}/oauth2/token`];
    expect((await requestToken(running, id, key, { claims: { aud } })).status).toBe(200);
  });

  it('1.4 and at the revocation endpoint, where every failure is invalid_client', async () => {
    const { json } = await requestToken(running, id, key);
    const revoke = (client_assertion: string): Promise<Answer> =>
      running.authority.form('/oauth2/revoke', {
        ...{ token: json.access_token, client_assertion_type: assertionType, client_assertion },
      });
    const claims = assertionClaims(running, id);
    expect(outcome(await revoke(await signedAssertion(stranger, claims)))).toEqual(refused);
    expect(outcome(await revoke(await signedAssertion(key, claims, { kid: 'unknown' })))).toEqual(refused);
    expect(outcome(await revoke(''))).toEqual(refused);
    expect(await running.authority.isActive(json.access_token)).toBe(true);
    expect((await revoke(await signedAssertion(key, claims))).status).toBe(200);
    expect(await running.authority.isActive(json.access_token)).toBe(false);
  });

  it.each<[string, object]>([
    ['the issuer as audience (#71)', { aud: 'issuer' }],
    ['no audience', { aud: undefined }],
    ['another audience', { aud: 'https://other.example/oauth2/token' }],
    ['no jti (#71)', { jti: undefined }],
    ['another iss', { iss: 'nobody' }],
    ['no iss', { iss: undefined }],
    ['no sub', { sub: undefined }],
    ['an exp long ago', { exp: 1 }],
    ['no exp', { exp: undefined }],
    ['an exp far ahead', { exp: Math.floor(Date.now() / 1000) + 4000 }],
    ['an exp as text', { exp: '9999999999' }],
    ['an nbf far ahead', { nbf: 9_999_999_999 }],
  ])('RFC 7523 3: %s is invalid_client', async (_, changes) => {
    const aud = 'aud' in changes && changes.aud === 'issuer' ? { aud: `${running.publicUrl}/` } : {};
    expect(outcome(await requestToken(running, id, key, { claims: { ...changes, ...aud } }))).toEqual(refused);
  });

  it('RFC 7523 3 counts once by its jti, however it is written, at whichever endpoint', async () => {
    const claims = assertionClaims(running, id);
    const first = await sendAssertion(running, await signedAssertion(key, claims));
    expect(first.status).toBe(200);
    expect(outcome(await sendAssertion(running, await signedAssertion(key, claims)))).toEqual(refused);
    const respelled = await signedAssertion(key, { ...claims, more: true }, { typ: 'JWT' });
    const again = await sendAssertion(running, respelled);
    expect(outcome(again)).toEqual(refused);
    expect(again.json.error_debug).toMatch(/used before/);
    const revocation = { token: first.json.access_token, client_assertion_type: assertionType };
    const revoked = await running.authority.form('/oauth2/revoke', { ...revocation, client_assertion: respelled });
    expect(outcome(revoked)).toEqual(refused);
    const other = await registered(running);
    expect((await requestToken(running, other, key, { claims: { jti: claims.jti } })).status).toBe(200);
  });

  it('3.9 a wrong signature, an algorithm but RS256, none, no JWT: invalid_client', async () => {
    const wrong = await requestToken(running, id, stranger);
    expect(outcome(wrong)).toEqual(refused);
    expect(wrong.json.error_debug).toMatch(/signature/);
    const claims = assertionClaims(running, id);
    const [header, , signature] = (await signedAssertion(key, claims)).split('.');
    const payload = Buffer.from(JSON.stringify({ ...claims, scope: 'photos' })).toString('base64url');
    expect(outcome(await sendAssertion(running, `${header}.${payload}.${signature}`))).toEqual(refused);
    expect(outcome(await sendAssertion(running, new UnsecuredJWT(claims).encode()))).toEqual(refused);
    const publicText = new TextEncoder().encode(JSON.stringify(key.publicJwk));
    const symmetric = new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(publicText);
    expect(outcome(await sendAssertion(running, await symmetric))).toEqual(refused);
    expect(outcome(await sendAssertion(running, 'a.b.c'))).toEqual(refused);
  });

  it('3.9 no kid, an unknown one, a key without the use sig or of another type: invalid_request', async () => {
    expect(outcome(await requestToken(running, id, key, { header: { kid: undefined } }))).toEqual(malformed);
    expect(outcome(await requestToken(running, id, key, { header: { kid: 'two' } }))).toEqual(malformed);
    const { use: _, ...useless } = key.publicJwk;
    const another = { ...(await exportJWK((await generateKeyPair('EdDSA')).publicKey)), kid: 'one', use: 'sig' };
    for (const jwk of [useless, { ...useless, use: 'enc' }, another])
      expect(outcome(await requestToken(running, await registered(running, [jwk]), key))).toEqual(malformed);
    const { id: keyless } = await running.authority.createClient({ ...method, jwks: {} });
    expect(outcome(await requestToken(running, keyless, key))).toEqual(malformed);
  });

  it('RFC 6749 2.3 is not mixed with another way, nor with the id of another client', async () => {
    const other = await running.authority.createClient();
    for (const form of [{ client_id: other.id }, { client_secret: 'any' }, { client_id: id, client_secret: 'any' }])
      expect(outcome(await requestToken(running, id, key, { form }))).toEqual(refused);
    const client_assertion = await signedAssertion(key, assertionClaims(running, id));
    const form = { grant_type: 'client_credentials', client_assertion_type: assertionType, client_assertion };
    expect(outcome(await running.authority.form('/oauth2/token', form, other))).toEqual(refused);
    expect(outcome(await running.authority.form('/oauth2/token', form, { id, secret: '' }))).toEqual(refused);
  });

  it('RFC 7521 4.2 another type, or one of the two parameters alone: invalid_request', async () => {
    const type = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer';
    expect(outcome(await requestToken(running, id, key, { form: { client_assertion_type: type } }))).toEqual(malformed);
    expect(outcome(await requestToken(running, id, key, { form: { client_assertion_type: '' } }))).toEqual(malformed);
    expect(outcome(await sendAssertion(running, ''))).toEqual(malformed);
  });

  it('#72 only for clients that registered it, and those in no other way', async () => {
    const keys = { jwks: { keys: [key.publicJwk] } };
    for (const other of ['client_secret_basic', 'client_secret_post', 'none']) {
      const client = await running.authority.createClient({ token_endpoint_auth_method: other, ...keys });
      expect(outcome(await requestToken(running, client.id, key))).toEqual(refused);
    }
    const client = await running.authority.createClient({ ...method, ...keys, client_secret: 'some-secret' });
    const grant = { grant_type: 'client_credentials' };
    const credentials = { client_id: client.id, client_secret: 'some-secret' };
    expect(outcome(await running.authority.form('/oauth2/token', grant, client))).toEqual(refused);
    expect(outcome(await running.authority.form('/oauth2/token', { ...grant, ...credentials }))).toEqual(refused);
    expect(outcome(await running.authority.form('/oauth2/token', { ...grant, client_id: client.id }))).toEqual(refused);
  });

  it('1.3 an unknown client gets the answer of a wrong signature', async () => {
    const [unknown, wrong] = [await requestToken(running, 'nobody', key), await requestToken(running, id, stranger)];
    const { error_debug: _, ...shown } = wrong.json;
    expect([unknown.status, unknown.json]).toEqual([wrong.status, shown]);
  });

  it('a key that was taken out of the registration is refused at once', async () => {
    const changed = await registered(running);
    expect((await requestToken(running, changed, key)).status).toBe(200);
    const { json } = await running.authority.admin('GET', `/clients/${changed}`);
    const jwks = { keys: [stranger.publicJwk] };
    await running.authority.admin('PUT', `/clients/${changed}`, { ...json, jwks });
    expect(outcome(await requestToken(running, changed, key))).toEqual(refused);
    expect((await requestToken(running, changed, stranger)).status).toBe(200);
    await running.authority.admin('DELETE', `/clients/${changed}`);
    expect(outcome(await requestToken(running, changed, stranger))).toEqual(refused);
  });
});

describe('private_key_jwt as in rc.8', () => {
  const running = runningAuthority({ OAUTH2_CLIENT_ASSERTION_COMPAT: 'rc8' });

  it('3.9 an assertion needs no exp, and may be used again', async () => {
    const id = await registered(running);
    const { exp: _, ...claims } = assertionClaims(running, id);
    const assertion = await signedAssertion(key, claims);
    expect((await sendAssertion(running, assertion)).status).toBe(200);
    expect((await sendAssertion(running, assertion)).status).toBe(200);
  });
});

describe('private_key_jwt, issuer and public URL apart', () => {
  const issuer = 'https://id.example.org/tenant/';
  const running = runningAuthority({ URLS_SELF_ISSUER: issuer, URLS_SELF_PUBLIC: 'https://public.example.org/' });

  it('3.9 the token endpoint is known by both, and by no other name', async () => {
    const id = await registered(running);
    const statusFor = async (aud: string): Promise<number> =>
      (await requestToken(running, id, key, { claims: { aud } })).status;
    expect(await statusFor('https://public.example.org/oauth2/token')).toBe(200);
    expect(await statusFor(`${issuer}oauth2/token`)).toBe(200);
    expect(await statusFor(`${running.publicUrl}/oauth2/token`)).toBe(401);
    expect(await statusFor(issuer)).toBe(401);
    expect(await statusFor('https://id.example.org/oauth2/token')).toBe(401);
  });
});
