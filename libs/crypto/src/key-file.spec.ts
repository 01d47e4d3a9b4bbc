import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';

import { readKeyFile } from './key-file.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed25519 = generateKeyPairSync('ed25519');
const privateRsa = rsa.privateKey.export({ format: 'jwk' });
const publicRsa = rsa.publicKey.export({ format: 'jwk' });

const read = (content: string | Uint8Array, use = 'sig') => {
  let count = 0;
  return readKeyFile(Buffer.from(content), { use, newId: () => `id-${(count += 1)}` });
};
const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'spki' | 'sec1'): string =>
  key.export({ format: 'pem', type: type }) as string;
const der = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'spki' | 'sec1'): Buffer =>
  key.export({ format: 'der', type: type as 'pkcs1' });

describe('the keys of a file', () => {
  it.each([
    ['PEM, PKCS #8', pem(rsa.privateKey, 'pkcs8')],
    ['PEM, PKCS #1', pem(rsa.privateKey, 'pkcs1')],
    ['DER, PKCS #8', der(rsa.privateKey, 'pkcs8')],
    ['DER, PKCS #1', der(rsa.privateKey, 'pkcs1')],
    ['JWK', JSON.stringify(privateRsa)],
  ])('a private key and its public half: %s', (_form, content) => {
    expect(read(content)).toEqual([
      { ...privateRsa, kid: 'private:id-1', use: 'sig' },
      { ...publicRsa, kid: 'public:id-1', use: 'sig' },
    ]);
  });

  it.each([
    ['PEM, SPKI', pem(rsa.publicKey, 'spki')],
    ['PEM, PKCS #1', pem(rsa.publicKey, 'pkcs1')],
    ['DER, SPKI', der(rsa.publicKey, 'spki')],
    ['DER, PKCS #1', der(rsa.publicKey, 'pkcs1')],
    ['JWK', ` ${JSON.stringify(publicRsa)}\n`],
  ])('a public key: %s', (_form, content) => {
    expect(read(content)).toEqual([{ ...publicRsa, kid: 'public:id-1', use: 'sig' }]);
  });

  it.each([
    ['EC in SEC 1', der(ec.privateKey, 'sec1')],
    ['EC in PEM', pem(ec.privateKey, 'sec1')],
    ['Ed25519', pem(ed25519.privateKey, 'pkcs8')],
  ])('of other types: %s', (_form, content) => {
    expect(read(content).map(({ kid }) => kid)).toEqual(['private:id-1', 'public:id-1']);
  });

  it('several PEM blocks, with text around them', () => {
    const content = `first\n${pem(ec.privateKey, 'pkcs8')}second\n${pem(rsa.publicKey, 'spki')}`;
    expect(read(content).map(({ kty, kid }) => [kty, kid])).toEqual([
      ['EC', 'private:id-1'],
      ['EC', 'public:id-1'],
      ['RSA', 'public:id-2'],
    ]);
  });

  it('a set: kids and uses that are there stay', () => {
    const keys = [
      { ...privateRsa, kid: 'private:mine', use: 'enc' },
      { kty: 'oct', k: 'AAAA' },
    ];
    expect(read(JSON.stringify({ keys }))).toEqual([keys[0], { ...keys[1], kid: 'private:id-1', use: 'sig' }]);
  });

  it('without a use when none is asked for', () => {
    expect(read(JSON.stringify(publicRsa), '')).toEqual([{ ...publicRsa, kid: 'public:id-1' }]);
  });

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['damaged JSON', '{"kty":'],
    ['an empty set', '{"keys":[]}'],
    ['a PEM block without an end', '-----BEGIN PRIVATE KEY-----\nAAAA'],
    ['a PEM block with garbage', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
    ['half of a DER file', der(rsa.privateKey, 'pkcs8').subarray(0, 300)],
    [
      'an encrypted key',
      ec.privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'secret' }),
    ],
    [
      'a key no JWK can hold',
      pem(generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey, 'pkcs8'),
    ],
  ])('refused: %s', (_what, content) => {
    expect(() => read(content)).toThrow(expect.objectContaining({ code: 'invalid_key_file' }));
  });

  it.each([
    ['a JWK that is not complete', '{"kty":"RSA"}'],
    [
      'a curve this server does not store',
      pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey, 'pkcs8'),
    ],
  ])('refused: %s', (_what, content) => {
    expect(() => read(content)).toThrow(expect.objectContaining({ code: 'invalid_jwk' }));
  });
});
