import { describe, expect, it } from '@jest/globals';
import { runningAuthority } from '../oauth2/running-authority.js';
import { expectHint } from './expectations.js';

describe('the list of clients (admin-api.md 1.8)', () => {
  const running = runningAuthority();
  const listed = async (query: string): Promise<string[]> => {
    const { status, json, headers } = await running.authority.admin('GET', `/clients${query}`);
    expect([status, headers.get('content-type'), headers.get('link'), headers.get('x-total-count')]).toEqual([
      ...[200, 'application/json', null, null],
    ]);
    return json.map(({ client_id: id }: { client_id: string }) => id);
  };

  it('C24 pages', async () => {
    expect((await running.authority.admin('GET', '/clients')).text).toBe('[]');
    await running.authority.createClient({ client_id: 'b' });
    await running.authority.createClient({ client_id: 'a' });
    expect(await listed('?limit=1')).toEqual(['a']);
    expect(await listed('?limit=1&offset=1')).toEqual(['b']);
    expect(await listed('?limit=100&offset=100')).toEqual([]);
    for (const none of ['?limit=0', '?limit=-1', '?offset=2']) expect(await listed(none)).toEqual([]);
    for (const all of ['', '?limit=abc', '?limit=1.5', '?limit=', '?offset=abc', '?offset=-1', '?limit=501', '?x=1'])
      expect([all, await listed(all)]).toEqual([all, ['a', 'b']]);
  });
});

describe('clients of a server with other defaults', () => {
  const running = runningAuthority({
    OIDC_SUBJECT_IDENTIFIERS_ENABLED: 'pairwise',
    OIDC_SUBJECT_IDENTIFIERS_PAIRWISE_SALT: 'a salt of some length',
    OIDC_DYNAMIC_CLIENT_REGISTRATION_DEFAULT_SCOPE: 'one,two',
  });

  it('C11 pairwise alone', async () => {
    const { status, json } = await running.authority.admin('POST', '/clients', {});
    expect([status, json.subject_type, json.scope]).toEqual([201, 'pairwise', 'one two']);
    expectHint(await running.authority.admin('POST', '/clients', { subject_type: 'public' }), /subject_type/);
  });
});
