import { type Position } from '#libs/event-store';
import { oauthError } from '#libs/oauth2';
import { type ReadModel } from '#libs/read-model';
import { type preHandlerHookHandler } from 'fastify';

/**
 * `Hydrant-Min-Position`: the request waits until this instance has applied the log up to there, the position that an answer named
 * in `Hydrant-Position`; in time, or 503.
 */
export function minPositionHook(readModel: ReadModel): preHandlerHookHandler {
  return (request, _reply, done) => {
    const header = request.headers['hydrant-min-position'];
    if (header === undefined) return done();
    const position = positionOf(header);
    if (position === undefined) {
      return done(
        oauthError('invalid_request', 'Hydrant-Min-Position must be a position, as Hydrant-Position names it.'),
      );
    }
    const pending = readModel.waitFor(position);
    if (pending === undefined) return done();
    pending.then(() => done(), done);
  };
}

function positionOf(header: string | string[]): Position | undefined {
  if (typeof header !== 'string' || !/^\d{1,16}$/.test(header)) return undefined;
  const position = Number(header);
  return Number.isSafeInteger(position) ? (position as Position) : undefined;
}
