import { describe, expect, it } from '@jest/globals';
import { hashSync } from 'bcryptjs';

import { bcryptFits, bcryptSawAllOf, checkBcryptHash } from './bcrypt.js';
import { ClientSecrets } from './client-secret.js';
import { RootKey } from './root-key.js';

const hash = hashSync('correct horse', 4);
const withScheme = (scheme: string): string => `$${scheme}${hash.slice(3)}`;

describe('a bcrypt hash', () => {
  it('is checked beside the event loop, with what little a thread costs it', async () => {
    const dear = hashSync('correct horse', 12);
    await bcryptFits(hash, 'correct horse'); // what is needed is loaded
    const before = process.threadCpuUsage();
    expect(await bcryptFits(dear, 'correct horse')).toBe(true);
    const { user, system } = process.threadCpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(100); // it takes some 250 ms somewhere
  });

  it.each(['2a', '2b', '2y'])('$%s$ can be taken over, and fits its text only', async (scheme) => {
    const taken = withScheme(scheme);
    expect(() => checkBcryptHash(taken)).not.toThrow();
    expect(await bcryptFits(taken, 'correct horse')).toBe(true);
    expect(await bcryptFits(taken, 'wrong horse')).toBe(false);
    expect(await bcryptFits(taken, '')).toBe(false);
  });

  it('made elsewhere fits', async () => {
    const known = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'; // "U*U", of the Openwall test vectors
    expect(await bcryptFits(known, 'U*U')).toBe(true);
    expect(await bcryptFits(known, 'U*u')).toBe(false);
  });

  it.each([
    ['another scheme', withScheme('2x')],
    ['short', hash.slice(0, -1)],
    ['long', `${hash}.`],
    ['with a line end', `${hash}\n`],
    ['a cost below 4', hash.replace('$04$', '$03$')],
    ['a cost above 14', hash.replace('$04$', '$15$')],
    ['ours', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2E$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo'],
    ['none', ''],
  ])('is refused, and fits nothing: %s', async (_what, text) => {
    expect(() => checkBcryptHash(text)).toThrow(expect.objectContaining({ code: 'invalid_secret_hash' }));
    expect(await bcryptFits(text, 'correct horse')).toBe(false);
  });

  it('says nothing about what follows 72 bytes, or a NUL', () => {
    expect(bcryptSawAllOf('ä'.repeat(36))).toBe(true);
    expect(bcryptSawAllOf(`${'ä'.repeat(36)}a`)).toBe(false);
    expect(bcryptSawAllOf('a\0a')).toBe(false);
  });
});

describe('a client secret with a bcrypt hash', () => {
  const secrets = new ClientSecrets(new RootKey(1, Buffer.alloc(32, 7)));

  it('is verified, remembered, and outdated', async () => {
    expect(secrets.verifyRemembered('client', hash, 'correct horse')).toBeUndefined();
    expect(await secrets.verify('client', hash, 'wrong horse')).toBe(false);
    expect(await secrets.verify('client', hash, 'correct horse')).toBe(true);
    expect(secrets.verifyRemembered('client', hash, 'correct horse')).toBe(true);
    expect(secrets.isOutdated(hash, 'correct horse')).toBe(true);
    expect(secrets.isOutdated(await secrets.hashChosen('correct horse'), 'correct horse')).toBe(false);
  });

  it('is not hashed anew when others fit as well', async () => {
    const long = 'x'.repeat(80);
    const longHash = hashSync(long, 4);
    expect(await secrets.verify('client', longHash, `${long}y`)).toBe(true);
    expect(secrets.isOutdated(longHash, long)).toBe(false);
  });
});
