import { describe, expect, it } from '@jest/globals';
import { runHydrant } from '#libs/harness';
import { clientMemberList } from '#libs/oauth2';
import { sampleMember } from '#libs/testing';
import { hashSync } from 'bcryptjs';
import { addresses, commandLine } from './hydrant.js';

const grantTypes = ['client_credentials'];
/** Of the text `correct horse`. */
const ofHydra2 = '$pbkdf2-sha256$i=25000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$LjzQQQfBu6oiuVew1rMcxHa9TJUIzcdEP64wW5xKh1M';
/** As `SELECT row_to_json(c) FROM hydra_client c` gives one. */
const row = {
  ...{ pk: 7, id: 'from-a-row', client_name: 'Photo prints', client_secret: hashSync('an old secret', 4) },
  ...{ redirect_uris: 'https://a.example/cb|https://b.example/cb', grant_types: 'client_credentials|refresh_token' },
  ...{ response_types: '', scope: 'photos offline', owner: '', contacts: '', audience: '', request_uris: '' },
  ...{ jwks: '{"keys":null}', jwks_uri: '', allowed_cors_origins: '', subject_type: 'public', client_uri: null },
  ...{ token_endpoint_auth_method: 'client_secret_basic', client_secret_expires_at: 0 },
  ...{ created_at: '2019-04-10T10:00:00', updated_at: '2019-04-10 10:00:00' },
};

describe('hydrant clients', () => {
  const cli = commandLine();
  const client = async (id: string) => (await cli.authority.admin('GET', `/clients/${id}`)).json;
  const tokenStatus = async (id: string, secret: string) =>
    (await cli.authority.form('/oauth2/token', { grant_type: 'client_credentials' }, { id, secret })).status;

  it("create: Hydra's flags, the generated secret printed once", async () => {
    const { code, stdout, stderr } = await cli.hydrant(
      ...['clients', 'create', '--id', 'made', '-n', 'Made', '-c', 'http://a/cb,http://b/cb', '-c', 'http://c/cb'],
      ...['-g', 'client_credentials,refresh_token', '-r', 'code', '-a', 'openid,photos', '--audience', 'https://api/'],
      ...['--tos-uri', 'http://tos', '--allowed-cors-origins', 'https://spa.example'],
    );
    expect([code, stderr]).toEqual([0, '']);
    const [, secret] = /^OAuth2 client id: made\nOAuth2 client secret: (\S{26})\n$/.exec(stdout) ?? [];
    expect(await tokenStatus('made', secret ?? '')).toBe(200);
    expect(await client('made')).toMatchObject({
      ...{ client_name: 'Made', redirect_uris: ['http://a/cb', 'http://b/cb', 'http://c/cb'], scope: 'openid photos' },
      ...{ grant_types: ['client_credentials', 'refresh_token'], audience: ['https://api/'], tos_uri: 'http://tos' },
      ...{ allowed_cors_origins: ['https://spa.example'], token_endpoint_auth_method: 'client_secret_basic' },
    });
  });

  it('create: every member that the table of members has a flag for', async () => {
    const settable = clientMemberList.flatMap((member) => {
      const [flag] = /--[\w-]+/.exec(member.option?.flags ?? '') ?? [];
      return flag === undefined ? [] : [{ flag, name: member.name, value: sampleMember(member) }];
    });
    const args = settable.flatMap(({ flag, value }) => [flag, String(value)]);
    const { code, stdout } = await cli.hydrant('clients', 'create', '--format', 'json', ...args, '--id', 'flagged');
    const sent = Object.fromEntries(settable.map(({ name, value }) => [name, value]));
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ ...sent, client_id: 'flagged' })]);
    expect(settable.length).toBeGreaterThan(10);
  });

  it('create: defaults; a secret on the command line is warned of; a taken id is refused in one line', async () => {
    const first = await cli.hydrant('clients', 'create', '--id', 'twice', '--secret', 'my-secret', '--format', 'json');
    expect(JSON.parse(first.stdout)).toMatchObject({
      ...{ client_id: 'twice', client_secret: 'my-secret', grant_types: ['authorization_code'] },
      ...{ response_types: ['code'], subject_type: 'public' },
    });
    expect(first.stderr).toMatch(/shell histories/);
    const second = await cli.hydrant('clients', 'create', '--id', 'twice');
    expect([second.code, second.stdout]).toEqual([1, '']);
    expect(second.stderr).toMatch(/^hydrant: POST \/clients was answered with 409: .+\n$/);
  });

  it('get, update and delete', async () => {
    await cli.authority.createClient({ client_id: 'a b', client_name: 'Before', contacts: ['ops@example.org'] });
    expect(JSON.parse((await cli.hydrant('clients', 'get', 'a b')).stdout)).toEqual(await client('a%20b'));
    const updated = await cli.hydrant('clients', 'update', 'a b', '--name', 'After');
    expect([updated.code, updated.stdout]).toEqual([0, 'OAuth2 client updated.\n']);
    expect(await client('a%20b')).toMatchObject({ client_name: 'After', contacts: ['ops@example.org'] });
    const deleted = await cli.hydrant('clients', 'delete', 'a b', 'never-there');
    expect([deleted.code, deleted.stdout]).toEqual([0, 'OAuth2 client(s) deleted.\n']);
    const gone = await cli.hydrant('clients', 'get', 'a b');
    expect([gone.code, gone.stdout]).toEqual([1, '']);
    expect(gone.stderr).toMatch(/^hydrant: GET \/clients\/a%20b was answered with 404: .+\n$/);
  });

  it('list: a table, or JSON, by pages', async () => {
    await cli.authority.createClient({ client_id: '000-first', client_name: 'First' });
    const table = (await cli.hydrant('clients', 'list')).stdout.split('\n');
    expect(table[0]).toMatch(/^CLIENT ID +CLIENT NAME +RESPONSE TYPES +SCOPE/);
    expect(table[1]).toMatch(/^000-first +First +code/);
    const all = (await cli.authority.admin('GET', '/clients')).json as { client_id: string }[];
    const second = JSON.parse(
      (await cli.hydrant('clients', 'list', '--limit', '1', '--page', '2', '--format', 'json')).stdout,
    );
    expect(second).toEqual([all[1]]);
    const far = await cli.hydrant('clients', 'list', '--page', '9', '--limit', '500', '--format', 'json');
    expect(JSON.parse(far.stdout)).toEqual([]);
    for (const limit of ['501', '0', '-1', '1.5', 'all']) {
      const { code, stdout, stderr } = await cli.hydrant('clients', 'list', '--limit', limit);
      expect([limit, code, stdout, stderr]).toEqual([limit, 1, '', expect.stringMatching(/^hydrant: --limit .+\n$/)]);
    }
  });

  it("import: a row of Hydra's database keeps its secret", async () => {
    const { code, stdout, stderr } = await cli.hydrant('clients', 'import', cli.file('row.json', JSON.stringify(row)));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Imported OAuth2 client from-a-row from \S+row\.json\.\n$/);
    expect(await client('from-a-row')).toMatchObject({
      ...{ redirect_uris: ['https://a.example/cb', 'https://b.example/cb'], contacts: [], scope: 'photos offline' },
      ...{ grant_types: ['client_credentials', 'refresh_token'], client_name: 'Photo prints' },
    });
    expect(await tokenStatus('from-a-row', 'wrong')).toBe(401);
    expect(await tokenStatus('from-a-row', 'an old secret')).toBe(200);
    expect(await tokenStatus('from-a-row', 'an old secret')).toBe(200);
  });

  it('import: an array and JSON lines in several files, progress every 100', async () => {
    const clients = Array.from({ length: 205 }, (_, number) => ({
      client_id: `many-${number}`,
      grant_types: grantTypes,
    }));
    const array = cli.file('array.json', JSON.stringify(clients.slice(0, 5)));
    const lines = cli.file(
      'lines.jsonl',
      clients
        .slice(5)
        .map((each) => `${JSON.stringify(each)}\n`)
        .join('\n'),
    );
    const { code, stdout, stderr } = await cli.hydrant('clients', 'import', array, lines, '--format', 'json');
    expect([code, stderr]).toEqual([0, '100 of 205 clients\n200 of 205 clients\n']);
    const printed = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(printed.map(({ client_id: id }) => id)).toEqual(clients.map(({ client_id: id }) => id));
    expect(await tokenStatus('many-204', printed[204].client_secret)).toBe(200);
  });

  it('import: from the standard input, and the same again, which changes nothing', async () => {
    const lines =
      '{"client_id":"piped-1","client_name":"One"}\n{"client_id":"piped-2","scope":1}\n{"client_id":"piped-3"}\n';
    const run = () => runHydrant(['clients', 'import', '-'], addresses(cli.authority), lines);
    const first = await run();
    expect([first.code, first.stdout.match(/piped-\d/g)]).toEqual([1, ['piped-1', 'piped-3']]);
    expect(first.stderr).toMatch(/^hydrant: client piped-2 of -: .* 400: .*scope.*\nhydrant: 1 of 3 .+\n$/);
    const before = await client('piped-1');
    const again = await run();
    expect([again.code, again.stdout, again.stderr.match(/ 409: /g)?.length]).toEqual([1, '', 2]);
    expect(again.stderr).toMatch(/hydrant: 3 of 3 clients were not imported\n$/);
    expect(await client('piped-1')).toEqual(before);
    const nothing = await runHydrant(['clients', 'import', '-'], addresses(cli.authority));
    expect([nothing.code, nothing.stderr]).toEqual([1, 'hydrant: - holds no clients\n']);
  });

  it('update: without options it changes nothing, and says so', async () => {
    await cli.authority.admin('POST', '/clients', { client_id: 'left-alone' });
    const before = await cli.authority.admin('GET', '/clients/left-alone');
    const { code, stdout, stderr } = await cli.hydrant('clients', 'update', 'left-alone');
    expect([code, stdout, stderr]).toEqual([0, '', expect.stringContaining('Nothing to change was given')]);
    const after = await cli.authority.admin('GET', '/clients/left-alone');
    expect(after.headers.get('etag')).toBe(before.headers.get('etag'));
  });

  it('import: what is refused is named, the others go on, and the end is 1', async () => {
    const clients = [
      { client_id: 'fine-1', client_secret: 'known already' },
      { client_id: 'too-dear', client_secret: hashSync('s', 4).replace('$04$', '$15$') },
      { client_id: 'fine-1' },
      { client_id: 'fine-2', grant_types: grantTypes, client_secret: hashSync('an old secret', 4) },
      { client_id: 'fine-3', grant_types: grantTypes, client_secret: ofHydra2 },
    ];
    const { code, stdout, stderr } = await cli.hydrant(
      'clients',
      'import',
      cli.file('m.json', JSON.stringify(clients)),
    );
    expect(code).toBe(1);
    expect(stdout.match(/fine-\d/g)).toEqual(['fine-1', 'fine-2', 'fine-3']);
    expect(stdout).not.toContain('secret');
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^hydrant: client too-dear of \S+m\.json: .* 400: .*cost/),
      expect.stringMatching(/^hydrant: client fine-1 of \S+m\.json: .* 409: /),
      'hydrant: 2 of 5 clients were not imported',
      '',
    ]);
    expect(await tokenStatus('fine-2', 'an old secret')).toBe(200);
    expect(await tokenStatus('fine-3', 'correct horse')).toBe(200);
  });

  it.each([
    ['text', 'hello', 'is not JSON, nor JSON lines (line 1)'],
    ['a damaged line', '{"client_id":"before"}\n{"client', '(line 2)'],
    ['nothing', '', 'holds no clients'],
    ['numbers', '[1]', 'clients are JSON objects'],
  ])('import: a file with %s is refused before anything is sent', async (_what, content, reason) => {
    const { code, stderr } = await cli.hydrant('clients', 'import', cli.file('bad.json', content));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^hydrant: \S+bad\.json .+\n$/);
    expect(stderr).toContain(reason);
    expect((await cli.authority.admin('GET', '/clients/before')).status).toBe(404);
  });
});
