import { describe, expect, it } from '@jest/globals';
import { runHydrant } from '#libs/harness';
import { addresses, commandLine } from './hydrant.js';

describe('hydrant token', () => {
  const cli = commandLine();

  it('client, introspect, revoke: the life of a token', async () => {
    const { id, secret } = await cli.authority.createClient({ client_secret: 'a secret: with % and ä' });
    const env = { ...addresses(cli.authority), OAUTH2_CLIENT_ID: id, OAUTH2_CLIENT_SECRET: secret };
    const audience = 'https://api.example.org/';
    const obtained = await runHydrant(['token', 'client', '--scope', 'photos,foo.bar', '--audience', audience], env);
    expect([obtained.code, obtained.stderr]).toEqual([0, '']);
    const token = obtained.stdout.trim();
    const introspected = await runHydrant(['token', 'introspect', token, '--scope', 'photos'], env);
    expect(JSON.parse(introspected.stdout)).toMatchObject({
      ...{ active: true, client_id: id, scope: 'photos foo.bar', aud: [audience] },
    });
    const revoked = await runHydrant(['token', 'revoke', token], env);
    expect([revoked.code, revoked.stdout]).toEqual([0, 'Revoked OAuth 2.0 token.\n']);
    expect(JSON.parse((await runHydrant(['token', 'introspect', token], env)).stdout)).toEqual({ active: false });
  });

  it('client: the whole answer; wrong and missing credentials', async () => {
    const { id, secret } = await cli.authority.createClient();
    const as = (given: string) => ['token', 'client', '-v', '--client-id', id, '--client-secret', given];
    expect(JSON.parse((await cli.hydrant(...as(secret))).stdout)).toMatchObject({ token_type: 'bearer' });
    const wrong = await cli.hydrant(...as('wrong'));
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      expect.stringMatching(/^hydrant: POST \/oauth2\/token was answered with 401: invalid_client: .+\n$/),
    ]);
    const missing = await cli.hydrant('token', 'client');
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringMatching(/^hydrant: give --client-id .+\n$/)]);
  });

  it('introspect: not the scope asked for, no token, credentials nobody looks at', async () => {
    const { id, secret } = await cli.authority.createClient();
    const as = ['--client-id', id, '--client-secret', secret];
    const token = (await cli.hydrant('token', 'client', ...as, '--scope', 'photos')).stdout.trim();
    const shown = async (...args: string[]) => {
      const { code, stdout, stderr } = await cli.hydrant('token', 'introspect', ...args);
      expect([args, code, stderr]).toEqual([args, 0, '']);
      return JSON.parse(stdout);
    };
    expect(await shown(token, '--client-id', 'nobody', '--client-secret', 'wrong')).toMatchObject({ active: true });
    expect(await shown(token, '--access-token', 'for-a-proxy', '--format', 'json')).toMatchObject({ sub: id });
    for (const none of [[token, '--scope', 'photos,never'], ['garbage'], ['']])
      expect(await shown(...none)).toEqual({ active: false });
  });

  it('revoke: again, of nothing, as somebody else, and by nobody', async () => {
    const { id, secret } = await cli.authority.createClient();
    const other = await cli.authority.createClient();
    const revoke = (token: string, client: string, password: string, ...more: string[]) =>
      cli.hydrant('token', 'revoke', token, '--client-id', client, '--client-secret', password, ...more);
    const as = ['--client-id', id, '--client-secret', secret];
    const token = (await cli.hydrant('token', 'client', ...as)).stdout.trim();
    expect((await revoke(token, id, 'wrong')).stderr).toMatch(/^hydrant: .* 401: invalid_client: .+\n$/);
    await revoke(token, other.id, other.secret);
    expect(await cli.authority.isActive(token)).toBe(true);
    expect((await cli.hydrant('token', 'revoke', token)).stderr).toMatch(/^hydrant: give --client-id .+\n$/);
    for (const each of [token, token, 'garbage'])
      expect(JSON.parse((await revoke(each, id, secret, '--format', 'json')).stdout)).toEqual({ revoked: true });
    expect(await cli.authority.isActive(token)).toBe(false);
  });

  it('flush: what has not expired stays; a bad duration is refused', async () => {
    const { id, secret } = await cli.authority.createClient();
    const token = (await cli.hydrant('token', 'client', '--client-id', id, '--client-secret', secret)).stdout.trim();
    const flushed = await cli.hydrant('token', 'flush', '--min-age', '1h30m');
    expect([flushed.code, flushed.stdout]).toEqual([0, 'Flushed inactive access tokens.\n']);
    expect(await cli.authority.isActive(token)).toBe(true);
    for (const age of ['0', '0s', '1h0.5m', '250ms', '10us'])
      expect([age, (await cli.hydrant('token', 'flush', '--min-age', age)).code]).toEqual([age, 0]);
    for (const age of ['soon', '1', '-1h', '1d', ''])
      expect(await cli.hydrant('token', 'flush', '--min-age', age)).toEqual({
        ...{ code: 1, stdout: '', stderr: expect.stringMatching(/^hydrant: --min-age .+\n$/) },
      });
    const from = Date.now();
    const { stdout } = await cli.hydrant('token', 'flush', '--min-age', '24h', '--format', 'json');
    const age = from - Date.parse(JSON.parse(stdout).notAfter) - 24 * 3_600_000;
    expect(Math.abs(age)).toBeLessThan(10_000);
  });
});
