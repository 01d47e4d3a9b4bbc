import { once } from 'node:events';
import { type IncomingMessage, get } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { eventBy } from '../testing/admin-tokens.js';
import { authoritySpec } from '../testing/authority-spec.js';

const header = { ADMIN_CALLER_HEADER: 'X-Client-Subject' };

describe('a header that names the caller', () => {
  const fromHere = authoritySpec({ ...header, SERVE_TLS_ALLOW_TERMINATION_FROM: '127.0.0.0/8' });
  const fromElsewhere = authoritySpec({ ...header, SERVE_TLS_ALLOW_TERMINATION_FROM: '192.0.2.0/24' });

  it('counts when a trusted proxy sends it', () =>
    fromHere
      .when((authority) => authority.admin('POST', '/clients', {}, { 'x-client-subject': 'CN=deploy,O=Example' }))
      .thenAnswers({ status: 201, events: [eventBy('CN=deploy,O=Example')] }));

  it('need not be there', () =>
    fromHere
      .when((authority) => authority.admin('POST', '/clients', {}))
      .thenAnswers({ status: 201, events: [eventBy('admin')] }));

  it('does not count when anybody else sends it', () =>
    fromElsewhere
      .when((authority) => authority.admin('POST', '/clients', {}, { 'x-client-subject': 'CN=deploy' }))
      .thenAnswers({ status: 201, events: [eventBy('admin')] }));

  it.each(['', 'hydrant', 'bootstrap', 'x'.repeat(129)])('cannot name "%s"', async (name) => {
    const { status, json } = await fromHere.authority.admin('POST', '/clients', {}, { 'x-client-subject': name });
    expect([status, json.error]).toEqual([400, 'invalid_request']);
  });

  it('names nobody when it is there twice: one of them may be by a stranger', async () => {
    const twice = { 'x-client-subject': ['CN=stranger', 'CN=deploy'] };
    const asking = get(`${fromHere.authority.urls.adminUrl}/clients`, { headers: twice, agent: false });
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(400);
  });
});

describe('without ADMIN_CALLER_HEADER', () => {
  const spec = authoritySpec({ SERVE_TLS_ALLOW_TERMINATION_FROM: '127.0.0.0/8' });

  it('no header names anybody', () =>
    spec
      .when((authority) => authority.admin('POST', '/clients', {}, { 'x-client-subject': 'CN=deploy' }))
      .thenAnswers({ status: 201, events: [eventBy('admin')] }));
});
