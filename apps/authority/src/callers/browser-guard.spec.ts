import { describe, expect, it } from '@jest/globals';
import { type Addressing, type GuardRules, refusalOf } from './browser-guard.js';

const loopback: GuardRules = { allowedHosts: [], allowedOrigins: [], beyondLoopback: false };
const cluster: GuardRules = { ...loopback, beyondLoopback: true };
const listed: GuardRules = {
  ...loopback,
  allowedHosts: ['admin.example.org', '.corp.example'],
  allowedOrigins: ['https://console.example.org'],
};
const status = (request: Partial<Addressing>, rules = loopback): number | undefined =>
  refusalOf(
    { hosts: ['localhost:4445'], target: '/clients', origin: undefined, fetchSite: undefined, ...request },
    rules,
  )?.error.status;

describe('the names by which the Admin API is called', () => {
  it.each([
    ...[
      'localhost',
      'localhost:4445',
      'LOCALHOST',
      'localhost.',
      'a.localhost:80',
      'hydrant.internal',
      '127.0.0.1:4445',
    ],
    ...['10.1.2.3', '[::1]:4445', '[fd00::1]'],
  ])('%s passes on every listener', (host) => expect(status({ hosts: [host] })).toBeUndefined());

  it.each(['hydrant', 'hydrant-admin:4445', 'hydrant.auth.svc', 'hydrant.auth.svc.cluster.local', 'printer.local'])(
    '%s passes where others than this machine can reach it',
    (host) => expect([status({ hosts: [host] }), status({ hosts: [host] }, cluster)]).toEqual([421, undefined]),
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '2130706433.evil.example',
    'svc.evil.example',
    '[evil]',
  ])('%s does not: a page could have been given this name', (host) =>
    expect([status({ hosts: [host] }), status({ hosts: [host] }, cluster)]).toEqual([421, 421]),
  );

  it('passes what is listed, by its name or as a suffix, or all', () => {
    for (const host of ['admin.example.org', 'Admin.Example.Org:443', 'a.corp.example', 'a.b.corp.example.'])
      expect(status({ hosts: [host] }, listed)).toBeUndefined();
    for (const host of ['x.admin.example.org', 'corp.example', 'evilcorp.example'])
      expect(status({ hosts: [host] }, listed)).toBe(421);
    expect(status({ hosts: ['evil.example'] }, { ...loopback, allowedHosts: ['*'] })).toBeUndefined();
  });

  it('no name at all passes, two do not, nor another one in the target', () => {
    expect(status({ hosts: [] })).toBeUndefined();
    expect(status({ hosts: ['localhost', 'localhost'] })).toBe(400);
    expect(status({ target: 'http://evil.example/clients' })).toBe(400);
    expect(status({ target: 'http://localhost:4445/clients' })).toBeUndefined();
  });
});

describe('web pages that call the Admin API', () => {
  it.each([
    'https://evil.example',
    'null',
    'http://localhost:3000',
    'http://localhost',
    'https://console.example.org.evil.example',
  ])('of %s are refused', (origin) => expect([status({ origin }), status({ origin }, listed)]).toEqual([403, 403]));

  it('of its own origin, and of those listed, are let in', () => {
    expect(status({ origin: 'http://localhost:4445', fetchSite: 'same-origin' })).toBeUndefined();
    expect(status({ origin: 'https://console.example.org', fetchSite: 'cross-site' }, listed)).toBeUndefined();
  });

  it.each([
    ['cross-site', 403],
    ['same-site', 403],
    ['same-origin', undefined],
    ['none', undefined],
  ])('that send no origin are known by Sec-Fetch-Site: %s', (fetchSite, expected) =>
    expect(status({ fetchSite })).toBe(expected),
  );
});
