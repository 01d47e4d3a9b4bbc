import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { AuthorityClient, runAuthority, startAuthority } from '#libs/harness';
import { blockFolder } from '#libs/testing';

const ports = { SERVE_ADMIN_PORT: '0', SERVE_PUBLIC_PORT: '0', SERVE_PUBLIC_HOST: '127.0.0.1' };
const refused = (): unknown => ({ code: 1, output: expect.stringMatching(/^hydrant: SECRETS_SYSTEM [^\n]*\n$/) });

describe('the system secret', () => {
  const folder = blockFolder();

  it('is generated once; when its file is gone, the start is refused and nothing is touched', async () => {
    const dataDir = join(folder.path, 'generated');
    const first = await startAuthority(dataDir);
    const client = await new AuthorityClient(first).createClient();
    expect(await first.stop()).toBe(0);
    const secretFile = join(dataDir, 'system-secret');
    const kept = join(folder.path, 'kept-secret');
    cpSync(secretFile, kept);
    rmSync(secretFile);
    const log = readFileSync(join(dataDir, 'events.db'));
    expect(await runAuthority(['serve', 'all'], { ...ports, DATA_DIR: dataDir })).toEqual(refused());
    expect(existsSync(secretFile)).toBe(false);
    expect(readFileSync(join(dataDir, 'events.db')).equals(log)).toBe(true);
    const again = await startAuthority(dataDir, { SECRETS_SYSTEM: readFileSync(kept, 'utf8').trim() });
    expect((await new AuthorityClient(again).admin('GET', `/clients/${client.id}`)).status).toBe(200);
    expect(await again.stop()).toBe(0);
  });

  it('is not written to the folder when it was configured', async () => {
    const dataDir = join(folder.path, 'configured');
    const authority = await startAuthority(dataDir, { SECRETS_SYSTEM: 'the-secret-of-the-administrator' });
    expect(await authority.stop()).toBe(0);
    expect(existsSync(join(dataDir, 'system-secret'))).toBe(false);
  });

  it('is refused when wrong; rotating takes the new one before the old one, then the new one alone', async () => {
    const dataDir = join(folder.path, 'rotated');
    const [older, newer] = ['the-older-system-secret', 'the-newer-system-secret'];
    const env = { ...ports, DATA_DIR: dataDir };
    const token = await tokenUnder(dataDir, older);
    const log = readFileSync(join(dataDir, 'events.db'));
    expect(await runAuthority(['serve', 'all'], { ...env, SECRETS_SYSTEM: newer })).toEqual(refused());
    expect(await runAuthority(['read-model', 'rebuild'], { ...env, SECRETS_SYSTEM: newer })).toEqual(refused());
    expect(readFileSync(join(dataDir, 'events.db')).equals(log)).toBe(true);
    for (const secrets of [`${newer},${older}`, newer]) {
      const authority = await startAuthority(dataDir, { SECRETS_SYSTEM: secrets });
      expect(await new AuthorityClient(authority).isActive(token)).toBe(true);
      expect(await authority.stop()).toBe(0);
    }
    expect(await runAuthority(['serve', 'all'], { ...env, SECRETS_SYSTEM: older })).toEqual(refused());
  });
});

/** An access token of a fresh authority, stopped again. */
async function tokenUnder(dataDir: string, secret: string): Promise<string> {
  const process = await startAuthority(dataDir, { SECRETS_SYSTEM: secret });
  const authority = new AuthorityClient(process);
  const client = await authority.createClient();
  const { json } = await authority.form('/oauth2/token', { grant_type: 'client_credentials' }, client);
  await process.stop();
  return json.access_token;
}
