import { describe, expect, it } from '@jest/globals';

import { ClientSecrets } from './client-secret.js';
import { checkImportedHash, importedHashFits } from './imported-hash.js';
import { RootKey } from './root-key.js';

const salt = 'MDEyMzQ1Njc4OWFiY2RlZg';
/** Made by Python's hashlib, in the form and with the defaults of Hydra v2. */
const hash = `$pbkdf2-sha256$i=25000,l=32$${salt}$LjzQQQfBu6oiuVew1rMcxHa9TJUIzcdEP64wW5xKh1M`;
const longer = `$pbkdf2-sha512$i=1000,l=64$${salt}$OM0FAoIqCVK1sWtxDiffVlBejtLa+ks4TP71JiecwuSZCG8iLbnlIEPOMoVX+i2B2wkSxjQ8CRGR9OkNGuIPMQ`;

describe('a PBKDF2 hash', () => {
  it.each([hash, longer])('can be taken over, and fits its text only: %s', async (taken) => {
    expect(() => checkImportedHash(taken)).not.toThrow();
    expect(await importedHashFits(taken, 'correct horse')).toBe(true);
    expect(await importedHashFits(taken, 'wrong horse')).toBe(false);
    expect(await importedHashFits(taken, '')).toBe(false);
  });

  it.each([
    ['iterations that would take minutes', hash.replace('i=25000', 'i=4294967295')],
    ['one iteration too many', hash.replace('i=25000', 'i=1000001')],
    ['no iterations', hash.replace('i=25000', 'i=0')],
    ['iterations below none', hash.replace('i=25000', 'i=-1')],
    ['a length that is not its own', hash.replace('l=32', 'l=31')],
    ['a length that would take minutes', hash.replace('l=32', 'l=4000000000')],
    ['another digest', hash.replace('sha256', 'sha384')],
    ['a short salt', hash.replace(salt, 'MDEy')],
    ['a short hash', `$pbkdf2-sha256$i=25000,l=8$${salt}$LjzQQQfBu6o`],
    ['a hash that is not base64', hash.replace(/.$/, '*')],
    ['bits that mean nothing', hash.replace(/M$/, 'N')],
    ['more behind it', `${hash}$`],
    ['a line end', `${hash}\n`],
    ['megabytes', hash.replace(salt, 'A'.repeat(1_000_000))],
  ])('is refused, and fits nothing: %s', async (_what, text) => {
    expect(() => checkImportedHash(text)).toThrow(expect.objectContaining({ code: 'invalid_secret_hash' }));
    expect(await importedHashFits(text, 'correct horse')).toBe(false);
  });
});

describe('a client secret with a PBKDF2 hash', () => {
  const secrets = new ClientSecrets(new RootKey(1, Buffer.alloc(32, 7)));

  it('is verified, remembered, and outdated', async () => {
    expect(secrets.verifyRemembered('client', hash, 'correct horse')).toBeUndefined();
    expect(await secrets.verify('client', hash, 'wrong horse')).toBe(false);
    expect(await secrets.verify('client', hash, 'correct horse')).toBe(true);
    expect(secrets.verifyRemembered('client', hash, 'correct horse')).toBe(true);
    expect(secrets.isOutdated(hash, 'correct horse')).toBe(true);
  });

  it('is not hashed anew when others fit as well', async () => {
    expect(await secrets.verify('client', hash, 'correct horse\0')).toBe(true); // HMAC's padding
    expect(secrets.isOutdated(hash, 'correct horse\0')).toBe(false);
    expect(secrets.isOutdated(hash, 'x'.repeat(64))).toBe(true);
    expect(secrets.isOutdated(hash, 'x'.repeat(65))).toBe(false);
    expect(secrets.isOutdated(longer, 'x'.repeat(128))).toBe(true);
  });
});
