import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { runHydrant } from '#libs/harness';
import { addresses, commandLine } from './hydrant.js';

type Key = { readonly kid: string; readonly kty: string; readonly use?: string; readonly alg?: string };

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });

describe('hydrant keys', () => {
  const cli = commandLine();
  const keysOf = async (set: string): Promise<Key[]> => (await cli.authority.admin('GET', `/keys/${set}`)).json.keys;

  it('create, get and delete', async () => {
    const created = await cli.hydrant('keys', 'create', 'partner', 'first', '-a', 'HS256', '-u', 'enc');
    expect(created.code).toBe(0);
    expect(JSON.parse(created.stdout).keys).toMatchObject([{ kid: 'first', kty: 'oct', alg: 'HS256', use: 'enc' }]);
    expect(JSON.parse((await cli.hydrant('keys', 'get', 'partner')).stdout)).toEqual(JSON.parse(created.stdout));
    const deleted = await cli.hydrant('keys', 'delete', 'partner');
    expect([deleted.code, deleted.stdout]).toEqual([0, 'Key set deleted.\n']);
    const gone = await cli.hydrant('keys', 'get', 'partner');
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringMatching(/^hydrant: GET \/keys\/partner .* 404: .+\n$/)]);
  });

  it('import: PEM, DER and JWK into a new set, and behind what a set holds', async () => {
    const pem = cli.file('key.pem', rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const der = cli.file('key.der', ec.publicKey.export({ format: 'der', type: 'spki' }));
    const jwk = cli.file('key.json', JSON.stringify({ kty: 'oct', k: 'c2VjcmV0', kid: 'mine', alg: 'HS256' }));
    const first = await cli.hydrant('keys', 'import', 'imported', pem);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toMatch(
      /^Imported JSON Web Key (private:[\da-f-]{36}) into set imported\.\nImported JSON Web Key public:/,
    );
    const before = await keysOf('imported');
    expect(before).toMatchObject([
      { kid: expect.stringMatching(/^private:/), kty: 'RSA', use: 'sig', ...rsa.privateKey.export({ format: 'jwk' }) },
      { kid: expect.stringMatching(/^public:/), ...rsa.publicKey.export({ format: 'jwk' }) },
    ]);
    const second = await cli.hydrant('keys', 'import', 'imported', der, jwk, '--use', 'enc', '--format', 'json');
    expect(second.code).toBe(0);
    const after = await keysOf('imported');
    expect(JSON.parse(second.stdout).keys).toEqual(after);
    expect(after.slice(0, 2)).toEqual(before);
    expect(after.slice(2)).toMatchObject([
      { kid: expect.stringMatching(/^public:/), kty: 'EC', use: 'enc' },
      { kid: 'mine', kty: 'oct', use: 'enc', alg: 'HS256' },
    ]);
  });

  it('import: from the standard input', async () => {
    const jwk = JSON.stringify({ kty: 'oct', k: 'c2VjcmV0' });
    const { code, stdout } = await runHydrant(['keys', 'import', 'piped', '-'], addresses(cli.authority), jwk);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^Imported JSON Web Key private:\S+ into set piped\.\n$/),
    ]);
    expect(await keysOf('piped')).toMatchObject([{ kty: 'oct', use: 'sig' }]);
  });

  it('import: a set brings its kids, and one that is there already is refused', async () => {
    const set = cli.file('set.json', JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'only-once' }] }));
    expect((await cli.hydrant('keys', 'import', 'once', set)).code).toBe(0);
    const again = await cli.hydrant('keys', 'import', 'once', set);
    expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/^hydrant: PUT \/keys\/once .* 409: .+\n$/)]);
    expect((await keysOf('once')).map(({ kid }) => kid)).toEqual(['only-once']);
  });

  it('import: a file without a key, and one that is not there', async () => {
    const bad = cli.file('bad.pem', 'hello');
    const { code, stderr } = await cli.hydrant('keys', 'import', 'none', bad);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^hydrant: \S+bad\.pem cannot be imported: it is neither .+\n$/),
    ]);
    const missing = await cli.hydrant('keys', 'import', 'none', `${bad}.not-there`);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringMatching(/^hydrant: ENOENT.+\n$/)]);
    expect((await cli.authority.admin('GET', '/keys/none')).status).toBe(404);
  });
});
