import { type JsonWebKey, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { TestBrowser, challengeIn, runHydrant } from '#libs/harness';
import { addresses, commandLine } from '../cli/hydrant.js';
import {
  type HydraGeneration,
  type Rows,
  clientRow,
  consentTables,
  dumpOf,
  generations,
  insertsOf,
  keyRow,
  redirectUri,
} from './hydra-dumps.js';

const cli = commandLine();
const secret = 'correct horse';

/** Runs the command on a dump; the answer has the report. */
async function importing(dump: string, ...options: string[]) {
  const file = cli.file('dump.sql', dump);
  const { code, stdout, stderr } = await cli.hydrant('import-hydra', '--dump', file, '--json', ...options);
  return { code, stderr, report: stdout === '' ? undefined : JSON.parse(stdout) };
}

async function tokenStatus(id: string): Promise<number> {
  return (await cli.authority.form('/oauth2/token', { grant_type: 'client_credentials' }, { id, secret })).status;
}

/** Whether a flow asks somebody for their consent. */
async function isAsked(clientId: string, subject: string, scope: string): Promise<boolean> {
  const browser = new TestBrowser();
  const login = await cli.authority.requestLogin(browser, { client_id: clientId, scope, redirect_uri: redirectUri });
  const consent = await browser.followed(await cli.authority.acceptLogin(login, { subject }));
  return !(await cli.authority.consentRequest(challengeIn(consent, 'consent_challenge'))).skip;
}

describe.each([...generations])('a dump of Hydra %s', (generation: HydraGeneration) => {
  const of = (name: string): string => `${name}-${generation}`;
  const tables = (clients: Rows) => ({
    hydra_client: clients,
    ...consentTables(generation, [
      { challenge: of('remembered'), clientId: of('one'), subject: of('ann'), scope: ['photos', 'offline'] },
      { challenge: of('over'), clientId: of('one'), subject: of('ben'), scope: ['photos'], rememberFor: 60 },
      { challenge: of('once'), clientId: of('one'), subject: of('cleo'), scope: ['photos'], remember: false },
      { challenge: of('skipped'), clientId: of('one'), subject: of('dora'), scope: ['photos'], skip: true },
      ...(generation === '26'
        ? []
        : [{ challenge: of('no'), clientId: of('one'), subject: of('eve'), scope: [], error: '{"error":"no"}' }]),
    ]),
    hydra_oauth2_access: [{ signature: 'a' }, { signature: 'b' }],
  });
  const both = [clientRow(generation, of('one')), clientRow(generation, of('two'))];

  it('is only looked at in a rehearsal', async () => {
    const { code, report, stderr } = await importing(dumpOf(tables(both)), '--dry-run');
    expect([code, stderr]).toEqual([0, '']);
    expect(report).toMatchObject({ dry_run: true, clients: { created: 2 }, consents: { created: 1 } });
    expect((await cli.authority.admin('GET', `/clients/${of('one')}`)).status).toBe(404);
  });

  it('is taken: clients with their secrets, consents that are remembered', async () => {
    const { code, report, stderr } = await importing(dumpOf(tables(both)));
    expect([code, stderr]).toEqual([0, '']);
    expect(report).toMatchObject({
      ...{ clients: { created: 2, unchanged: 0 }, consents: { created: 1 }, not_taken: [], remarks: [] },
      left: expect.arrayContaining([
        expect.objectContaining({ what: 'access tokens', count: 2 }),
        expect.objectContaining({ what: 'remembered consents that are over', count: 1 }),
      ]),
    });
    expect(await tokenStatus(of('one'))).toBe(200);
    expect((await cli.authority.admin('GET', `/clients/${of('one')}`)).json).toMatchObject({
      ...{ client_name: `Client\tof ${generation}`, redirect_uris: [redirectUri, 'https://b.example/cb'] },
      ...{ contacts: ['a@a.example'], scope: 'photos offline', owner: 'somebody' },
    });
    expect(await isAsked(of('one'), of('ann'), 'photos')).toBe(false);
    for (const person of ['ben', 'cleo', 'dora', 'eve'])
      expect(await isAsked(of('one'), of(person), 'photos')).toBe(true);
    const path = `/admin/oauth2/auth/sessions/consent?subject=${of('ann')}`;
    expect((await cli.authority.admin('GET', path)).json).toEqual([
      expect.objectContaining({
        ...{ consent_request_id: of('remembered'), grant_scope: ['photos', 'offline'] },
        ...{ handled_at: '2024-03-02T08:20:00.123Z', session: { access_token: { role: 'editor' }, id_token: {} } },
      }),
    ]);
  });

  it('changes nothing when it is taken again, in whatever form', async () => {
    const before = (await cli.authority.admin('GET', `/clients/${of('two')}`)).headers.get('etag');
    for (const dump of [dumpOf(tables(both)), insertsOf(tables(both))]) {
      const { code, report } = await importing(dump);
      expect([code, report]).toMatchObject([
        0,
        { clients: { created: 0, updated: 0, unchanged: 2 }, consents: { created: 0, unchanged: 1 } },
      ]);
    }
    expect((await cli.authority.admin('GET', `/clients/${of('two')}`)).headers.get('etag')).toBe(before);
  });

  it('brings what has changed', async () => {
    await cli.authority.admin('DELETE', `/clients/${of('one')}`);
    const clients = [both[0] ?? {}, clientRow(generation, of('two'), { client_name: 'Renamed', owner: 'else' })];
    const { report } = await importing(dumpOf(tables(clients)));
    expect(report).toMatchObject({ clients: { gone: 1, updated: 1, unchanged: 0 }, consents: { unchanged: 1 } });
    const { json } = await cli.authority.admin('GET', `/clients/${of('two')}`);
    expect(json).toMatchObject({ client_name: 'Renamed', owner: 'else' });
  });
});

describe('keys of a dump', () => {
  const rsa = (kid: string): JsonWebKey & { kid: string } => ({
    ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
    ...{ kid, use: 'sig', alg: 'RS256' },
  });
  const curve = {
    ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
    ...{ kid: 'curve', use: 'sig', alg: 'ES256' },
  };
  const [old, later] = [rsa('of-hydra'), rsa('of-hydra-later')];
  const set = 'hydra.openid.id-token';
  const dump = dumpOf({
    hydra_jwk: [
      keyRow(set, old, { secret: 'the first system secret' }),
      keyRow(set, curve, { secret: 'the second, secret' }),
    ],
  });
  const run = (text: string, secrets: string, ...options: string[]) =>
    runHydrant(['import-hydra', '--dump', cli.file('keys.sql', text), '--json', ...options], {
      ...addresses(cli.authority),
      HYDRA_SECRETS_SYSTEM: secrets,
    });
  const published = async () => (await fetch(`${cli.running.publicUrl}/.well-known/jwks.json`)).json();

  it('stay where they are without the system secret, or with another one', async () => {
    for (const [secrets, reason] of [
      ['', 'it is encrypted: give the system secret of Hydra'],
      ['another system secret', 'no system secret that was given decrypts it'],
    ] as const) {
      const { code, stdout } = await run(dump, secrets);
      expect([code, JSON.parse(stdout)]).toMatchObject([
        1,
        { keys: { created: 0, not_taken: 2 }, not_taken: [{ reason }, { reason }] },
      ]);
    }
  });

  it('are published, and sign: ID tokens of before verify, and those of now are signed by what clients know', async () => {
    const file = cli.file('secrets', 'the second, secret\nthe first system secret\n');
    const options = ['--system-secret-file', file];
    const rehearsed = await run(dump, '', ...options, '--dry-run');
    expect(JSON.parse(rehearsed.stdout)).toMatchObject({ keys: { created: 2 } });
    expect(await published()).not.toMatchObject({
      keys: expect.arrayContaining([expect.objectContaining({ n: old.n })]),
    });
    const { code, stdout } = await run(dump, '', ...options);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { keys: { created: 2 }, remarks: [{ kind: 'keys', name: `curve of ${set}` }] },
    ]);
    expect(await published()).toMatchObject({
      keys: expect.arrayContaining([expect.objectContaining({ kid: 'of-hydra', n: old.n })]),
    });
    const client = await cli.authority.createClient();
    const { id_token: token = '' } = await cli.authority.obtainTokens(client);
    const [header = '', claims = '', signature = ''] = token.split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ kid: 'of-hydra' });
    const key = createPublicKey({ format: 'jwk', key: old });
    expect(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  it('come once, and later ones sign nothing', async () => {
    const secrets = 'the first system secret';
    const etag = async () => (await cli.authority.admin('GET', `/keys/${set}`)).headers.get('etag');
    const before = await etag();
    const both = { hydra_jwk: [keyRow(set, old, { secret: secrets })] };
    expect(JSON.parse((await run(dumpOf(both), secrets)).stdout)).toMatchObject({ keys: { created: 0, unchanged: 1 } });
    expect(await etag()).toBe(before);
    both.hydra_jwk.push(keyRow(set, later, { secret: secrets }));
    expect(JSON.parse((await run(dumpOf(both), secrets)).stdout)).toMatchObject({ keys: { created: 1, unchanged: 1 } });
    const kids = (await cli.authority.admin('GET', `/keys/${set}`)).json.keys.map(({ kid }: { kid: string }) => kid);
    expect([kids[0], kids.at(-1)]).toEqual(['of-hydra', 'of-hydra-later']);
  });
});

describe('what cannot be taken of a dump', () => {
  it('is named with its reason, and the end is 1; the rest is taken', async () => {
    await cli.authority.createClient({ client_id: 'of-here' });
    const dump = dumpOf({
      hydra_client: [
        clientRow('2', 'of-here'),
        clientRow('2', 'broken', { jwks: '{' }),
        clientRow('2', 'much', { backchannel_logout_uri: 'https://a.example/out', skip_consent: 't' }),
      ],
      ...consentTables('2', [{ challenge: 'orphan', clientId: 'nobody', subject: 'ann', scope: [] }]),
    });
    const file = cli.file('refused.sql', dump);
    const { code, stdout, stderr } = await cli.hydrant('import-hydra', '--dump', file);
    expect([code, stderr]).toEqual([1, 'hydrant: 3 were not taken; the report says why\n']);
    expect(stdout.split('\n')).toEqual([
      'clients: 1 taken, 2 not taken',
      'keys: none',
      'consents: 1 not taken',
      expect.stringMatching(/^not taken: client broken: .*jwks/),
      expect.stringMatching(/^not taken: client of-here: .* 409: /),
      'not taken: consent orphan: its client is not here',
      'taken: client much: without backchannel_logout_uri, skip_consent, which is not done here',
      '',
    ]);
  });

  it.each([
    ['cut in the middle', dumpOf({ hydra_client: [clientRow('2', 'half')] }).slice(0, -300), 'is cut short'],
    ['without the tables of Hydra', dumpOf({ other: [{ id: '1' }] }), 'holds nothing of Hydra'],
    ['of two installations', dumpOf({ hydra_client: [clientRow('2', 'half'), clientRow('2', 'half')] }), 'half twice'],
    [
      'with half of the consents',
      dumpOf({ hydra_oauth2_consent_request_handled: [{ challenge: 'c', remember: 't' }] }),
      'and not hydra_oauth2_consent_request',
    ],
  ])('is all of one %s: one line, and nothing is sent', async (_what, dump, reason) => {
    const { code, report, stderr } = await importing(dump);
    expect([code, report, stderr]).toEqual([1, undefined, expect.stringMatching(/^hydrant: \S+dump\.sql .+\n$/)]);
    expect(stderr).toContain(reason);
    expect((await cli.authority.admin('GET', '/clients/half')).status).toBe(404);
  });

  it('is a file that is not there', async () => {
    const { code, stderr } = await cli.hydrant('import-hydra', '--dump', '/nowhere/dump.sql');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^hydrant: \/nowhere\/dump\.sql cannot be read: ENOENT.*\n$/),
    ]);
  });

  it('is nothing of a dump from the standard input', async () => {
    const dump = dumpOf({ hydra_client: [clientRow('2', 'piped')] });
    const { code, stdout } = await runHydrant(['import-hydra', '--dump', '-'], addresses(cli.authority), dump);
    expect([code, stdout]).toEqual([0, 'clients: 1 taken\nkeys: none\nconsents: none\n']);
  });
});
