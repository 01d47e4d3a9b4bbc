import { oauthError } from '#libs/oauth2';
import { type FastifyRequest } from 'fastify';
import { notFound, rowNotFound } from './errors/admin-error.js';
import { type ProtocolError } from './errors/to-protocol-error.js';

type Answer = () => ProtocolError | 'done';

const nameless: Answer = () =>
  oauthError('invalid_request', 'A path parameter is missing.').withDebug('a path parameter is empty');

/** The operations whose path goes on after a parameter, and what they say when that one is empty (admin-api.md 1.1). */
const operations: readonly [method: string, path: RegExp, answer: Answer][] = [
  ['GET', /^(?:\/admin)?\/keys\/\/[^/]+$/, rowNotFound],
  ['PUT', /^(?:\/admin)?\/keys\/\/[^/]+$/, nameless],
  ['DELETE', /^(?:\/admin)?\/keys\/\/[^/]+$/, () => 'done'],
  ['DELETE', /^\/oauth2\/auth\/sessions\/consent\/\/[^/]+$/, nameless],
  ['PUT', /^\/oauth2\/auth\/requests\/(?:login|consent)\/\/(?:accept|reject)$/, notFound],
];

/**
 * What an operation answers that was called with an empty path parameter, as in `/keys//kid`; `undefined` when the request is none
 * of that kind. Nothing has an empty name, so nothing is found: `done` is a deletion of nothing.
 */
export function emptyNameAnswer(request: FastifyRequest): ProtocolError | 'done' | undefined {
  if (request.server.routeTable.methodsAt('/clients').length === 0) return undefined; // the public listener
  const [path = ''] = request.url.split('?');
  return operations.find(([method, pattern]) => method === request.method && pattern.test(path))?.[2]();
}
