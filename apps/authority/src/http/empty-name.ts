import { oauthError } from '#libs/oauth2';
import { type FastifyRequest } from 'fastify';
import { type ProtocolError } from './errors/to-protocol-error.js';

/** A request that is refused because a path parameter is empty. */
export const nameless = (): ProtocolError =>
  oauthError('invalid_request', 'A path parameter is missing.').withDebug('a path parameter is empty');

/**
 * What an operation answers that was called with an empty path parameter, as in `/keys//kid`; `undefined` when the request is none
 * of that kind. Nothing has an empty name, so nothing is found: `done` is a deletion of nothing.
 */
export function emptyNameAnswer({ server, method, url }: FastifyRequest): ProtocolError | 'done' | undefined {
  const [path = ''] = url.split('?');
  return server.routeTable.withoutName(method, path)?.emptyName?.();
}
