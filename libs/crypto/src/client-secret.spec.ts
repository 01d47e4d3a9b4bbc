import { describe, expect, it } from '@jest/globals';

import { ClientSecrets, deriveClientSecret, generateClientSecret } from './client-secret.js';
import { RootKey } from './root-key.js';

const root = new RootKey(1, Buffer.alloc(32, 7));
const fresh = (): ClientSecrets => new ClientSecrets(root);
const chosenHash = fresh().hashChosen('correct horse');

describe('generateClientSecret', () => {
  it('draws 26 characters evenly from the 66 of rc.8', () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 5000; index += 1) {
      const secret = generateClientSecret();
      expect(secret).toMatch(/^[a-zA-Z0-9_.~-]{26}$/);
      for (const character of secret) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    const mean = (5000 * 26) / 66;
    expect(counts.size).toBe(66);
    for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(mean * 0.2); // nine standard deviations
  });
});

describe('deriveClientSecret', () => {
  it('makes the same secret of a command again, and no other one of any other', () => {
    const other = new RootKey(1, Buffer.alloc(32, 8));
    const secrets = Array.from({ length: 500 }, (_, index) => deriveClientSecret(root, `command ${index}`));
    expect(secrets).toEqual(secrets.map((_, index) => deriveClientSecret(root, `command ${index}`)));
    for (const secret of secrets) expect(secret).toMatch(/^[a-zA-Z0-9_.~-]{26}$/);
    expect(new Set([...secrets, deriveClientSecret(other, 'command 0')]).size).toBe(501);
  });
});

describe('a chosen secret', () => {
  it('is stored as an argon2id PHC string with a salt of its own', async () => {
    const hash = await chosenHash;
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await fresh().hashChosen('correct horse')).not.toBe(hash);
  });

  it('is verified, and any other refused', async () => {
    const secrets = fresh();
    expect(await secrets.verify('client', await chosenHash, 'correct horse')).toBe(true);
    expect(await secrets.verify('client', await chosenHash, 'wrong horse')).toBe(false);
    expect(await secrets.verify('client', await chosenHash, '')).toBe(false);
  });

  it('is remembered after a success, for this client, hash and secret only', async () => {
    const secrets = fresh();
    const hash = await chosenHash;
    expect(secrets.verifyRemembered('client', hash, 'correct horse')).toBeUndefined();
    await secrets.verify('client', hash, 'wrong horse');
    expect(secrets.verifyRemembered('client', hash, 'wrong horse')).toBeUndefined();
    await secrets.verify('client', hash, 'correct horse');
    expect(secrets.verifyRemembered('client', hash, 'correct horse')).toBe(true);
    expect(secrets.verifyRemembered('client', hash, 'wrong horse')).toBeUndefined();
    expect(secrets.verifyRemembered('other', hash, 'correct horse')).toBeUndefined();
    expect(secrets.verifyRemembered('client', `${hash}x`, 'correct horse')).toBeUndefined();
  });

  it('is forgotten when others were used more recently', async () => {
    const secrets = new ClientSecrets(root, { rememberedSecrets: 2 });
    const hash = await chosenHash;
    await secrets.verify('a', hash, 'correct horse');
    await secrets.verify('b', hash, 'correct horse');
    secrets.verifyRemembered('a', hash, 'correct horse');
    await secrets.verify('c', hash, 'correct horse');
    const known = ['a', 'b', 'c'].filter((client) => secrets.verifyRemembered(client, hash, 'correct horse'));
    expect(known).toEqual(['a', 'c']);
  });

  it('is answered to many at once, whatever the number of slots', async () => {
    const secrets = new ClientSecrets(root, { parallelHashes: 1 });
    const hash = await chosenHash;
    const attempts = ['correct horse', 'wrong horse', 'correct horse'].map((secret) =>
      secrets.verify('c', hash, secret),
    );
    expect(await Promise.all(attempts)).toEqual([true, false, true]);
  });
});

describe('more secrets to stretch than can be soon', () => {
  const outcomes = async (attempts: readonly Promise<boolean>[]): Promise<unknown[]> =>
    (await Promise.allSettled(attempts)).map((answer) =>
      answer.status === 'fulfilled' ? answer.value : answer.reason.code,
    );

  it.each([{ waitingHashes: 2 }, { waitingOfOneClient: 2 }])(
    'are refused, while those that wait are answered: %j',
    async (bound) => {
      const secrets = new ClientSecrets(root, { parallelHashes: 1, ...bound });
      const hash = await chosenHash;
      const attempts = ['correct horse', 'b', 'c', 'd', 'e'].map((secret) => secrets.verify('client', hash, secret));
      expect(await outcomes(attempts)).toEqual([true, false, false, 'too_busy', 'too_busy']);
      expect(await secrets.verify('client', hash, 'f')).toBe(false); // and then it goes on
    },
  );

  it('wait in turns: the many of one client hold up none of another', async () => {
    const secrets = new ClientSecrets(root, { parallelHashes: 1 });
    const hash = await chosenHash;
    const order: string[] = [];
    const attempt = (client: string, secret: string): Promise<unknown> =>
      secrets.verify(client, hash, secret).then(
        () => order.push(client),
        ({ code }) => order.push(code),
      );
    const many = ['1', '2', '3', '4', '5', '6', '7'].map((secret) => attempt('many', secret));
    await Promise.all([...many, attempt('one', 'correct horse'), attempt('other', 'correct horse')]);
    expect(order).toEqual([...['too_busy', 'too_busy', 'many', 'many', 'one', 'other'], ...['many', 'many', 'many']]);
  });

  it('are refused to nobody who registers clients, up to the bound for all', async () => {
    const secrets = new ClientSecrets(root, { parallelHashes: 1, waitingHashes: 6 });
    await Promise.all(Array.from({ length: 7 }, (_, index) => secrets.hashChosen(`secret ${index}`)));
  });
});

describe('a generated secret', () => {
  it('is verified synchronously', async () => {
    const secrets = fresh();
    const secret = generateClientSecret();
    const hash = secrets.hashGenerated(secret);
    expect(hash).toBe(root.generatedSecretHash(secret));
    expect(secrets.verifyRemembered('client', hash, secret)).toBe(true);
    expect(secrets.verifyRemembered('client', hash, `${secret}x`)).toBe(false);
    expect(await secrets.verify('client', hash, secret)).toBe(true);
    expect(await secrets.verify('client', hash, 'wrong')).toBe(false);
  });

  it('is refused under another generation or root key', async () => {
    const secret = generateClientSecret();
    const hash = fresh().hashGenerated(secret);
    expect(await fresh().verify('client', hash.replace('k=1', 'k=2'), secret)).toBe(false);
    expect(await new ClientSecrets(new RootKey(1, Buffer.alloc(32, 8))).verify('client', hash, secret)).toBe(false);
  });
});

describe('a hash of no known scheme', () => {
  it.each([
    '',
    'plain',
    '$2x$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
    '$2a$15$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
    '$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2E$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo',
    '$argon2id$v=19$m=9999999,t=2,p=1$c2FsdHNhbHRzYWx0c2E$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo',
    '$argon2id$v=19$m=4,t=2,p=1$c2FsdHNhbHRzYWx0c2E$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo',
    '$argon2id$v=19$m=19456,t=0,p=1$c2FsdHNhbHRzYWx0c2E$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo',
    '$argon2id$garbage',
    '$hmac-sha256$',
  ])('fits no secret: %s', async (hash) => {
    expect(await fresh().verify('client', hash, hash)).toBe(false);
  });
});
