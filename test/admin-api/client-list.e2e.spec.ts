import { describe, expect, it } from '@jest/globals';
import { runningAuthority } from '#libs/testing';
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
    const far = ['?offset=9007199254740993', '?offset=9223372036854775807', '?limit=2&offset=%2B2'];
    for (const none of ['?limit=0', '?limit=-1', '?limit=-0', '?offset=2', ...far])
      expect(await listed(none)).toEqual([]);
    const odd = ['?limit=9223372036854775808', '?offset=9223372036854775808', '?LIMIT=1', '?limit=+1', '?limit=%zz'];
    const few = [
      '?limit=abc',
      '?limit=1.5',
      '?limit=',
      '?offset=abc',
      '?offset=-1',
      '?limit=501',
      '?x=1',
      '?limit=0x1',
    ];
    for (const all of ['', '?limit=2&limit=1', ...few, ...odd])
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
