import { beforeAll, describe, expect, it } from '@jest/globals';

import { createRootKey, openRootKey, resealRootKey, RootKey, type SealedRootKey } from './root-key.js';

const key = new RootKey(1, Buffer.alloc(32, 7));
const failed = expect.objectContaining({ name: 'CryptoError', code: 'unseal_failed' });

describe('the stored root key', () => {
  let created: { sealed: SealedRootKey; key: RootKey };
  beforeAll(async () => {
    created = await createRootKey('the first system secret', 1);
  });

  it('is JSON that names how the secret is stretched, and nothing of the key', () => {
    expect(JSON.parse(JSON.stringify(created.sealed))).toEqual({
      generation: 1,
      kdf: {
        algorithm: 'argon2id',
        salt: expect.stringMatching(/^[\w-]{22}$/),
        memoryKiB: 65_536,
        passes: 3,
        parallelism: 1,
      },
      sealed: expect.stringMatching(/^[\w-]{16}\.[\w-]+$/),
    });
  });

  it('opens with any of the system secrets and tells whether it was the first', async () => {
    const { token, hash } = created.key.mintToken();
    const byFirst = await openRootKey(created.sealed, ['the first system secret', 'another']);
    const bySecond = await openRootKey(created.sealed, ['another', 'the first system secret']);
    expect([byFirst.sealedByFirst, bySecond.sealedByFirst]).toEqual([true, false]);
    expect([byFirst.key.tokenHash(token), bySecond.key.tokenHash(token)]).toEqual([hash, hash]);
    expect(byFirst.key.generation).toBe(1);
  });

  it('is the same key after resealing, under the new secret only', async () => {
    const resealed = await resealRootKey(created.key, 'the next system secret');
    const { key: opened } = await openRootKey(resealed, ['the next system secret']);
    expect(opened.subjectHash('alice')).toBe(created.key.subjectHash('alice'));
    await expect(openRootKey(resealed, ['the first system secret'])).rejects.toMatchObject({
      code: 'wrong_system_secret',
    });
  });

  it('does not open without the secret, under another generation, or with a stretching that does not exist', async () => {
    const { sealed } = created;
    await expect(openRootKey(sealed, [])).rejects.toMatchObject({ code: 'wrong_system_secret' });
    await expect(openRootKey({ ...sealed, generation: 2 }, ['the first system secret'])).rejects.toMatchObject({
      code: 'wrong_system_secret',
    });
    await expect(
      openRootKey({ ...sealed, kdf: { ...sealed.kdf, passes: 0 } }, ['the first system secret']),
    ).rejects.toMatchObject({ code: 'invalid_root_key' });
  });
});

describe('sealing under the root key', () => {
  it('names the generation and opens for the same purpose and context', () => {
    const sealed = key.seal('private-key', '{"kty":"oct"}', 'secret-1');
    expect(sealed).toMatch(/^v1\.1\.[\w-]{16}\.[\w-]+$/);
    expect(key.unseal('private-key', sealed, 'secret-1')).toBe('{"kty":"oct"}');
  });

  it('opens for no other purpose, context, key or generation', () => {
    const sealed = key.seal('private-key', 'x', 'secret-1');
    expect(() => key.unseal('subject-key', sealed, 'secret-1')).toThrow(failed);
    expect(() => key.unseal('private-key', sealed, 'secret-2')).toThrow(failed);
    expect(() => new RootKey(1, Buffer.alloc(32, 8)).unseal('private-key', sealed, 'secret-1')).toThrow(failed);
    expect(() => key.unseal('private-key', sealed.replace('v1.1.', 'v1.2.'), 'secret-1')).toThrow(failed);
    expect(() => key.unseal('private-key', 'garbage', 'secret-1')).toThrow(failed);
  });
});

describe('sealing in a stream', () => {
  it('names the generation and opens in the same stream and context', () => {
    const sealed = key.sealInStream('login-1', 'alice', 'event-1');
    expect(sealed).toMatch(/^v1\.1\.[\w-]{16}\.[\w-]+$/);
    expect(key.unsealInStream('login-1', sealed, 'event-1')).toBe('alice');
  });

  it('opens in no other stream, context or generation, and not under the key of all', () => {
    const sealed = key.sealInStream('login-1', 'alice', 'event-1');
    expect(() => key.unsealInStream('login-2', sealed, 'event-1')).toThrow(failed);
    expect(() => key.unsealInStream('login-1', sealed, 'event-2')).toThrow(failed);
    expect(() => key.unsealInStream('login-1', sealed.replace('v1.1.', 'v1.2.'), 'event-1')).toThrow(failed);
    expect(() => key.unseal('personal-data', sealed, 'event-1')).toThrow(failed);
  });
});

describe('values derived from the root key', () => {
  it('stay what they are: they are stored', () => {
    expect(key.subjectHash('alice')).toMatchInlineSnapshot(`"9GdopYvccC39i9BZFT2loePgofAZkgOqlK__SaW93_U"`);
    expect(key.verifier('login', '0123456789abcdef0123456789abcdef')).toMatchInlineSnapshot(
      `"14c6afd708cedaca43f41daaba26b748"`,
    );
    expect(key.secretValueHash('csrf')).toMatchInlineSnapshot(`"Tw0ZWcLFccmu1GYVyZK8-eT-LGfW_x0Tgbok9TaAauM"`);
    expect(key.generatedSecretHash('secret')).toMatchInlineSnapshot(
      `"$hmac-sha256$k=1$IYuM7ljQOzDHs7eRjH9fmNsJI/YDSDYGVhwLICjnwwY"`,
    );
    expect(key.cookieKey().toString('base64url')).toMatchInlineSnapshot(
      `"vyiccbn4TTq5v2xL2dLhREwURIwG_Q51WcrT_vg9fGE"`,
    );
    const token = 'LcgFSe7yRrRBRc_0qQQhCRVoiyBDxRsLfZtTiKytuz8.cyg5QJyy-fV264xlGnhPqFsCDc5AwEouJM7NIwY2N-Q';
    expect(key.tokenHash(token)).toBe('IO_yMP24SrPeBRzrywo2tUCi6BCuJruayviH0mmyPaw');
    expect(key.unseal('personal-data', 'v1.1.VeXikgCDLG6UZUXH.YOAY63K6XHsePnyBb5EaJ5M_h8OV', 'login-1')).toBe('alice');
    const inStream = 'v1.1.bNf1kCUVkqzQunor.schi1f08Q1NCkehB9BLVjp2F0fnT';
    expect(key.unsealInStream('login-1', inStream, 'event-1')).toBe('alice');
    expect(key.assertionHash('client', 'jti').toString('base64url')).toMatchInlineSnapshot(
      `"nNegBm0u5NeBxSLdfR2QJg34rg3FLVkT2Oun_g-MBFM"`,
    );
  });

  it('have their shapes', () => {
    expect(key.subjectHash('alice')).toMatch(/^[\w-]{43}$/);
    expect(key.secretValueHash('csrf')).toMatch(/^[\w-]{43}$/);
    expect(key.verifier('login', 'c')).toMatch(/^[0-9a-f]{32}$/);
    expect(key.generatedSecretHash('secret')).toMatch(/^\$hmac-sha256\$k=1\$[A-Za-z0-9+/]{43}$/);
    expect(key.cookieKey()).toHaveLength(32);
  });

  it('differ by purpose, input and key', () => {
    const other = new RootKey(1, Buffer.alloc(32, 8));
    expect(key.verifier('login', 'c')).not.toBe(key.verifier('consent', 'c'));
    expect(key.subjectHash('alice')).not.toBe(key.subjectHash('bob'));
    expect(key.subjectHash('alice')).not.toBe(key.secretValueHash('alice'));
    expect(key.subjectHash('alice')).not.toBe(other.subjectHash('alice'));
  });
});
