import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AuthorityClient,
  type AuthorityProcess,
  type HydrantResult,
  runHydrant,
  scratchFolder,
  startAuthority,
} from '#libs/harness';
import { blockFolder } from '#libs/testing';
import { filesOf, found } from '../security/secret-search.js';

const token = /^hydrant_admin_[\w-]{43}\n$/;

describe('hydrant admin-tokens', () => {
  const asking = { ADMIN_AUTH: 'token', LOG_LEVEL: 'trace' };
  let dataDir: string;
  let remove: () => Promise<void>;
  let authority: AuthorityProcess;
  const secrets: Record<string, string> = {};
  const elsewhere = blockFolder();

  beforeAll(async () => {
    const scratch = await scratchFolder();
    [dataDir, remove] = [scratch.folder, scratch.remove];
  });
  afterAll(async () => {
    await authority.stop();
    await remove();
  });

  const offline = (...args: string[]): Promise<HydrantResult> =>
    runHydrant(['admin-tokens', ...args, '--offline'], { DATA_DIR: dataDir, ...asking });
  const online = (name: string | undefined, ...args: string[]): Promise<HydrantResult> =>
    runHydrant(args, {
      HYDRA_ADMIN_URL: authority.adminUrl,
      ...(name === undefined ? {} : { HYDRANT_ADMIN_TOKEN: secrets[name] ?? '' }),
    });

  it('the first token is made offline, before anybody has served', async () => {
    const { code, stdout, stderr } = await offline('create', 'root', '--scope', 'all', '--expires-in', '24h');
    expect([code, stderr, stdout]).toEqual([0, '', expect.stringMatching(token)]);
    secrets['root'] = stdout.trim();
  }, 30_000);

  it.each([
    ['a name that is taken', ['create', 'root', '--scope', 'all'], 'hydrant: there is a token with this name\n'],
    ['a name of ours', ['create', 'hydrant', '--scope', 'all'], /^hydrant: name must be 1 to 64 letters/],
    ['a scope that there is not', ['create', 'a', '--scope', 'client:read'], /^hydrant: scope must be all, or list /],
    ['no duration', ['create', 'a', '--scope', 'all', '--expires-in', '90'], /^hydrant: --expires-in must be a /],
    ['nobody to revoke', ['revoke', 'rot'], 'hydrant: there is no token of the name "rot"\n'],
  ])('offline, it refuses %s in one line', async (_what, args, line) => {
    const { code, stdout, stderr } = await offline(...args);
    expect([code, stdout, stderr]).toEqual([1, '', typeof line === 'string' ? line : expect.stringMatching(line)]);
  });

  it('with it others are made over HTTP, that may do less', async () => {
    authority = await startAuthority(dataDir, asking);
    const made = await online('root', 'admin-tokens', 'create', 'deploy', '--scope', 'clients:read,clients:write');
    expect([made.code, made.stderr, made.stdout]).toEqual([0, '', expect.stringMatching(token)]);
    secrets['deploy'] = made.stdout.trim();
    expect(await online('deploy', 'clients', 'create', '--id', 'by-deploy')).toMatchObject({ code: 0 });
    expect(await online('deploy', 'keys', 'get', 'a')).toMatchObject({
      code: 1,
      stderr: 'hydrant: GET /keys/a was answered with 403: insufficient_scope: It needs the scope keys:read.\n',
    });
    expect(await online(undefined, 'clients', 'list')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^hydrant: GET \/clients\S+ was answered with 401: request_unauthorized: .+ no bearer token\.\n$/,
      ),
    });
  }, 30_000);

  it('the token may be in a file, and goes nowhere but to the Admin API', async () => {
    const file = join(elsewhere.path, 'token');
    writeFileSync(file, `${secrets['deploy']}\n`);
    const url = ['--endpoint', authority.adminUrl];
    expect((await runHydrant(['clients', 'list', '--token-file', file, ...url])).code).toBe(0);
    const both = await runHydrant(['clients', 'list', '--token-file', file, '--access-token', 'x', ...url]);
    expect([both.code, both.stderr]).toEqual([1, 'hydrant: --access-token and --token-file exclude each other\n']);
    writeFileSync(file, '');
    const none = await runHydrant(['clients', 'list', '--token-file', file, ...url]);
    expect([none.code, none.stderr]).toEqual([1, `hydrant: --token-file ${file} holds no token\n`]);
  }, 30_000);

  it('are listed without what lets in, offline beside the authority too', async () => {
    const { stdout } = await online('root', 'admin-tokens', 'list', '--format', 'json');
    const listed = JSON.parse(stdout) as { name: string }[];
    expect(listed.map(({ name }) => name)).toEqual(['deploy', 'root']);
    expect(Object.keys(listed[0]!).sort()).toEqual(['created_at', 'expires_at', 'name', 'scope']);
    expect(JSON.parse((await offline('list', '--format', 'json')).stdout)).toEqual(listed);
    expect((await online('root', 'admin-tokens', 'list')).stdout).toMatch(
      /^NAME +EXPIRES +SCOPE\ndeploy +2\S+Z +clients/,
    );
  }, 30_000);

  it('while an authority has the log, nobody else writes to it', async () => {
    const { code, stderr } = await offline('create', 'second', '--scope', 'all');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^hydrant: .*in use.*\n$/)]);
  });

  it('a revoked one lets nobody in any more', async () => {
    expect((await online('deploy', 'admin-tokens', 'revoke', 'deploy')).code).toBe(1); // it may not
    expect((await online('root', 'admin-tokens', 'revoke', 'deploy')).stdout).toBe('Revoked the token of deploy.\n');
    expect((await online('deploy', 'clients', 'list')).stderr).toContain('answered with 401');
    expect((await online('root', 'admin-tokens', 'revoke', 'deploy')).stderr).toContain('answered with 404');
  }, 30_000);

  it('no token lies in clear on the disk or in the output', () => {
    const everything = { ...filesOf(dataDir, ['system-secret']), output: Buffer.from(authority.output()) };
    expect(found({ name: 'by-deploy' }, everything).join()).toContain('in events.db');
    const random = Object.fromEntries(Object.entries(secrets).map(([name, text]) => [name, text.slice(14)]));
    expect(Object.keys(random)).toEqual(['root', 'deploy']);
    expect(found(random, everything)).toEqual([]);
  });

  it('whoever may make tokens makes none that may do more', async () => {
    const client = new AuthorityClient(authority, { authorization: `Bearer ${secrets['root']}` });
    const minted = await client.admin('POST', '/admin-tokens', { name: 'registrar', scope: 'admin-tokens:write' });
    expect([minted.status, minted.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const registrar = new AuthorityClient(authority, { authorization: `Bearer ${minted.json.token}` });
    const more = await registrar.admin('POST', '/admin-tokens', { name: 'more', scope: 'clients:read' });
    expect([more.status, more.json.error_hint]).toEqual([403, 'The caller has no scope clients:read to give.']);
    const same = await registrar.admin('POST', '/admin-tokens', { name: 'same', scope: 'admin-tokens:write' });
    expect(same.status).toBe(201);
  });

  it('the start is silent about strangers where callers are asked, or only this machine can call', () => {
    expect(authority.output()).not.toContain('whoever reaches the admin listener');
  });
});

describe('without ADMIN_AUTH', () => {
  let authority: AuthorityProcess;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    const scratch = await scratchFolder();
    remove = () => scratch.remove();
    authority = await startAuthority(scratch.folder, { SERVE_ADMIN_HOST: '0.0.0.0' });
  });
  afterAll(async () => {
    await authority.stop();
    await remove();
  });

  it('a start that strangers can reach has one line of warning', () => {
    const warnings = authority
      .output()
      .split('\n')
      .filter((line) => line.includes('whoever reaches the admin listener'));
    expect(warnings.map((line) => JSON.parse(line).level)).toEqual(['warn']);
  });

  it('nobody makes a token: it would outlive the day on which callers are asked', async () => {
    const client = new AuthorityClient(authority);
    const { status } = await client.admin('POST', '/admin-tokens', { name: 'stranger', scope: 'all' });
    expect(status).toBe(409);
  });
});
