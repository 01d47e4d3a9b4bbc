import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuthorityClient, type AuthorityProcess, scratchFolder, startAuthority, until } from '#libs/harness';
import { type Haystack, type Secrets, filesOf, found } from './secret-search.js';
import { clientName, personal, secretiveJourney } from './secretive-journey.js';

const secretFile = 'system-secret';

describe('what lies on the disk and in the log output', () => {
  let dataDir: string;
  let remove: () => Promise<void>;
  let process: AuthorityProcess;
  let authority: AuthorityClient;
  let secrets: Secrets;

  beforeAll(async () => {
    const scratch = await scratchFolder();
    dataDir = scratch.folder;
    remove = () => scratch.remove();
    process = await startAuthority(dataDir, { LOG_LEVEL: 'trace', OAUTH2_EXPOSE_INTERNAL_ERRORS: 'true' });
    authority = new AuthorityClient(process);
    const systemSecret = readFileSync(join(dataDir, secretFile), 'utf8').trim();
    secrets = { ...(await secretiveJourney(authority)), 'system secret': systemSecret };
  }, 60_000);
  afterAll(async () => {
    await process.stop();
    await remove();
  });

  const everything = (): Haystack => ({ ...filesOf(dataDir, [secretFile]), output: Buffer.from(process.output()) });
  /** The event log and the log output: the read model keeps what people are called, and is disposable. */
  const lasting = (): Haystack =>
    Object.fromEntries(Object.entries(everything()).filter(([name]) => !name.startsWith('read-model.db')));

  it('is searched by something that finds what is there', () => {
    expect(Object.keys(everything())).toEqual(expect.arrayContaining(['events.db', 'events.db-wal', 'read-model.db']));
    expect(found({ clientName }, everything()).join()).toMatch(/clientName \(clear\) in events\.db/);
    expect(found(personal, everything()).join()).toMatch(/subject \(clear\) in read-model\.db/);
    const forms = { base64: 'x'.repeat(7), hex: '' };
    const text = Buffer.from(`${forms.base64}a secret/with+signs`).toString('base64');
    const hidden = { text: Buffer.from(text), hex: Buffer.from(Buffer.from('a secret/with+signs').toString('hex')) };
    expect(found({ planted: 'a secret/with+signs' }, hidden)).toEqual(
      expect.arrayContaining([expect.stringContaining('in text'), 'planted (hex) in hex']),
    );
    expect(Object.keys(secrets).length).toBeGreaterThan(30);
    const errors = new Set([...process.output().matchAll(/"error":"(\w+)"/g)].map(([, error]) => error));
    const provoked = ['invalid_client', 'invalid_grant', 'invalid_request', 'request_unauthorized', 'access_denied'];
    expect(provoked.filter((error) => !errors.has(error))).toEqual([]);
  });

  it('holds no secret in clear while it runs, and nothing personal in the log', () => {
    expect(found(secrets, everything())).toEqual([]);
    expect(found(personal, lasting())).toEqual([]);
  });

  it('holds nothing of a deleted key, not even sealed', async () => {
    const sealed = sealedKeys(dataDir);
    expect(Object.keys(sealed).length).toBeGreaterThanOrEqual(4);
    expect(found(sealed, everything())).not.toEqual([]);
    for (const path of ['/keys/hs/hs', '/keys/rs', '/keys/imported', '/keys/hydra.openid.id-token'])
      expect((await authority.admin('DELETE', path)).status).toBe(204);
    await until('the deleted keys are gone', async () => found(sealed, everything()).length === 0, 15_000).catch(
      () => undefined,
    );
    expect(found(sealed, everything())).toEqual([]);
  }, 30_000);

  it('holds no secret in clear after the end either', async () => {
    expect(
      (await authority.admin('DELETE', `/oauth2/auth/sessions/login/${encodeURIComponent(personal['subject'] ?? '')}`))
        .status,
    ).toBe(204);
    expect(await process.stop()).toBe(0);
    expect(found({ clientName }, everything())).not.toEqual([]);
    expect(found(secrets, everything())).toEqual([]);
    expect(found(personal, lasting())).toEqual([]);
  });
});

function sealedKeys(dataDir: string): Secrets {
  const db = new DatabaseSync(join(dataDir, 'events.db'), { readOnly: true });
  const rows = db.prepare("SELECT stream, data FROM events WHERE type = 'SecretSealed'").all();
  db.close();
  return Object.fromEntries(
    rows.map(({ stream, data }) => [`sealed ${String(stream)}`, JSON.parse(String(data)).sealedJwk]),
  );
}
