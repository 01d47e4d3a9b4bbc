import { pbkdf2Sync } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hashSync } from 'bcryptjs';
import { type Answer, AuthorityClient, type AuthorityProcess, scratchFolder, startAuthority } from '#libs/harness';

type StoredEvent = { readonly type: string; readonly data: { readonly secretHash?: string } };

const secret = 'as registered elsewhere';
const hash = hashSync(secret, 6);

describe('a client imported with the hash of its secret (docs/adr/0008)', () => {
  let folder: string;
  let remove: () => Promise<void>;
  let process: AuthorityProcess;
  let authority: AuthorityClient;

  beforeAll(async () => {
    ({ folder, remove } = await scratchFolder());
    process = await startAuthority(folder);
    authority = new AuthorityClient(process);
  });
  afterAll(async () => {
    await process.stop();
    await remove();
  });

  const imported = (id: string, extra: Record<string, unknown> = {}): Promise<Answer> =>
    authority.admin('POST', '/clients', {
      client_id: id,
      grant_types: ['client_credentials'],
      client_secret_hash: hash,
      ...extra,
    });
  const token = (id: string, presented: string): Promise<Answer> =>
    authority.form('/oauth2/token', { grant_type: 'client_credentials' }, { id, secret: presented });
  const events = (id: string): StoredEvent[] => {
    const db = new DatabaseSync(join(folder, 'events.db'), { readOnly: true });
    const rows = db.prepare('SELECT type, data FROM events WHERE stream = ? ORDER BY revision').all(`client-${id}`);
    db.close();
    return rows.map(({ type, data }) => ({ type: String(type), data: JSON.parse(String(data)) }));
  };

  it('never shows the hash, and no secret', async () => {
    const created = await imported('quiet');
    const read = await authority.admin('GET', '/clients/quiet');
    expect([created.status, read.status]).toEqual([201, 200]);
    for (const { text } of [created, read]) {
      expect(text).not.toContain(hash);
      expect(text).not.toContain('client_secret"');
      expect(text).not.toContain('client_secret_hash');
    }
  });

  it('authenticates with its old secret, which is argon2id from then on', async () => {
    await imported('old-hand');
    const before = await authority.admin('GET', '/clients/old-hand');
    expect((await token('old-hand', 'wrong')).status).toBe(401);
    expect(events('old-hand').map(({ type }) => type)).toEqual(['ClientCreated']);

    expect((await token('old-hand', secret)).status).toBe(200);
    const [created, rehashed, ...others] = events('old-hand');
    expect(created?.data.secretHash).toBe(hash);
    expect([rehashed?.type, others]).toEqual(['ClientSecretRehashed', []]);
    expect(rehashed?.data.secretHash).toMatch(/^\$argon2id\$/);

    expect((await token('old-hand', secret)).status).toBe(200);
    expect((await token('old-hand', 'wrong')).status).toBe(401);
    expect((await token('old-hand', hash)).status).toBe(401);
    expect(events('old-hand')).toHaveLength(2);
    const after = await authority.admin('GET', '/clients/old-hand');
    expect(after.text).toBe(before.text); // updated_at with it
    expect(after.headers.get('etag')).toBe(before.headers.get('etag'));
  });

  it('is hashed anew once when many requests come at once', async () => {
    await imported('busy');
    const answers = await Promise.all(Array.from({ length: 8 }, () => token('busy', secret)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(events('busy').map(({ type }) => type)).toEqual(['ClientCreated', 'ClientSecretRehashed']);
  });

  it('is hashed anew at the revocation endpoint too', async () => {
    await imported('leaver');
    const { status } = await authority.form('/oauth2/revoke', { token: 'unknown' }, { id: 'leaver', secret });
    expect([status, events('leaver').length]).toEqual([200, 2]);
  });

  it('keeps a secret of more than 72 bytes as it is: bcrypt cannot tell which one it was', async () => {
    const long = 'x'.repeat(80);
    await imported('long', { client_secret_hash: hashSync(long, 4) });
    expect((await token('long', long)).status).toBe(200);
    expect(events('long')).toHaveLength(1);
  });

  it('has a hash that Hydra v2 made, by PBKDF2, until its first use', async () => {
    const made = pbkdf2Sync(secret, 'sixteen bytes ok', 25_000, 32, 'sha256');
    const [salt, stretched] = [Buffer.from('sixteen bytes ok'), made].map((bytes) =>
      bytes.toString('base64').replace(/=+$/, ''),
    );
    const taken = `$pbkdf2-sha256$i=25000,l=32$${salt}$${stretched}`;
    expect((await imported('newer', { client_secret_hash: taken })).status).toBe(201);
    expect((await token('newer', 'wrong')).status).toBe(401);
    expect((await token('newer', secret)).status).toBe(200);
    expect(events('newer').map(({ data }) => data.secretHash)).toEqual([taken, expect.stringMatching(/^\$argon2id\$/)]);
  });

  it('takes a new secret by PUT, and no hash', async () => {
    await imported('changing');
    const refused = await authority.admin('PUT', '/clients/changing', { client_secret_hash: hash });
    expect([refused.status, refused.json.error]).toEqual([400, 'invalid_request']);
    const changed = { grant_types: ['client_credentials'], client_secret: 'another secret' };
    expect((await authority.admin('PUT', '/clients/changing', changed)).status).toBe(200);
    expect((await token('changing', secret)).status).toBe(401);
    expect((await token('changing', 'another secret')).status).toBe(200);
  });

  it.each([
    [
      'iterations without end',
      { client_secret_hash: `$pbkdf2-sha256$i=4294967295,l=32$${'A'.repeat(22)}$${'A'.repeat(43)}` },
    ],
    ['a cost above 14', { client_secret_hash: hash.replace('$06$', '$15$') }],
    [
      'another scheme',
      { client_secret_hash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA' },
    ],
    ['not a hash', { client_secret_hash: 'secret' }],
    ['not a string', { client_secret_hash: 1 }],
    ['a secret as well', { client_secret: secret }],
  ])('is refused: %s', async (_what, extra) => {
    const { status, json, text } = await imported('refused', extra);
    expect([status, json.error]).toEqual([400, 'invalid_request']);
    expect(text).not.toContain('hashhash');
    expect((await authority.admin('GET', '/clients/refused')).status).toBe(404);
  });
});
