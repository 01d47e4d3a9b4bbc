import { describe, expect, it } from '@jest/globals';
import { runHydrant } from '#libs/testing';
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

  it('flush: what has not expired stays; a bad duration is refused', async () => {
    const { id, secret } = await cli.authority.createClient();
    const token = (await cli.hydrant('token', 'client', '--client-id', id, '--client-secret', secret)).stdout.trim();
    const flushed = await cli.hydrant('token', 'flush', '--min-age', '1h30m');
    expect([flushed.code, flushed.stdout]).toEqual([0, 'Flushed inactive access tokens.\n']);
    expect(await cli.authority.isActive(token)).toBe(true);
    const bad = await cli.hydrant('token', 'flush', '--min-age', 'soon');
    expect([bad.code, bad.stderr]).toEqual([1, expect.stringMatching(/^hydrant: --min-age .+\n$/)]);
  });
});
