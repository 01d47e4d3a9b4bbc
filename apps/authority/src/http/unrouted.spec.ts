import { describe, expect, it } from '@jest/globals';
import { RouteTable } from './unrouted.js';

const table = new RouteTable();
for (const [method, template] of [
  ...[
    ['GET', '/clients'],
    ['POST', '/clients'],
    ['GET', '/clients/:id'],
    ['DELETE', '/clients/:id'],
  ],
  ...[
    ['GET', '/keys/:set/:kid'],
    ['DELETE', '/oauth2/auth/sessions/login/:user'],
    ['GET', '/Mixed/:id/tail'],
  ],
] as ['GET' | 'POST' | 'DELETE', string][])
  table.add({ method, path: template });

describe('RouteTable.methodsAt', () => {
  it.each([
    ['/clients', ['GET', 'POST']],
    ['/clients/app', ['DELETE', 'GET']],
    ['/clients/a%20b', ['DELETE', 'GET']],
    ['/keys/set/kid', ['GET']],
  ])('%s: %j', (path, methods) => expect(table.methodsAt(path)).toEqual(methods));

  it.each([
    '/',
    '',
    '/clients/',
    '/Clients',
    '/clients/app/',
    '/clients/app/more',
    '/keys/set',
    '/keys//kid',
    '//clients',
    '/client',
  ])('%j: none', (path) => expect(table.methodsAt(path)).toEqual([]));

  it('joins the methods of all routes that match', () => {
    const overlapping = new RouteTable();
    overlapping.add({ method: 'GET', path: '/login/revoke' });
    overlapping.add({ method: 'DELETE', path: '/login/:user' });
    overlapping.add({ method: 'DELETE', path: '/login/:user' });
    expect(overlapping.methodsAt('/login/revoke')).toEqual(['DELETE', 'GET']);
    expect(overlapping.methodsAt('/login/mira')).toEqual(['DELETE']);
  });
});

describe('RouteTable.canonical (admin-api.md 1.1)', () => {
  it.each([
    ['GET', '/clients/', '/clients'],
    ['GET', '/CLIENTS', '/clients'],
    ['GET', '//clients', '/clients'],
    ['GET', '/clients//app', '/clients/app'],
    ['GET', '/clients/app/', '/clients/app'],
    ['GET', '/CLIENTS///App/', '/clients/App'],
    ['GET', '/mixed/App/TAIL', '/Mixed/App/tail'],
    ['DELETE', '/oauth2/auth/sessions/LOGIN/Mira', '/oauth2/auth/sessions/login/Mira'],
    ['GET', '/clients', '/clients'],
  ])('%s %s is meant to be %s', (method, path, canonical) => expect(table.canonical(method, path)).toBe(canonical));

  it.each([
    ['PUT', '/clients/'],
    ['HEAD', '/clients/'],
    ['GET', '/'],
    ['GET', '/other/'],
    ['GET', '/keys/set/'],
    ['GET', '//evil.example/clients'],
    ['GET', '/clients/app/more/'],
    ['DELETE', '/clients/'],
  ])('%s %s is near no route', (method, path) => expect(table.canonical(method, path)).toBeUndefined());
});
