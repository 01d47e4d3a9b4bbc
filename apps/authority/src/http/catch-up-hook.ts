import { type ReadModel } from '#libs/read-model';
import { type FastifyRequest, type preHandlerHookHandler } from 'fastify';

/** Paths whose answers do not depend on what is stored. */
const stateless = [
  ...['/health/', '/version', '/metrics/', '/openapi.json'],
  ...['/oauth2/fallbacks/', '/.well-known/openid-configuration'],
];

/**
 * The one consistency rule: a request that depends on stored state first waits until this instance's read model has applied all
 * that was acknowledged before it came; in time, or 503. What takes away (DELETE) does not wait: it is decided on its own stream
 * and recorded even when the read model cannot catch up.
 */
export function catchUpHook(readModel: ReadModel): preHandlerHookHandler {
  return (request, _reply, done) => {
    const pending = dependsOnState(request) ? readModel.catchUp() : undefined;
    if (pending === undefined) return done();
    pending.then(() => done(), done);
  };
}

function dependsOnState(request: FastifyRequest): boolean {
  return readsState(request) && request.routeOptions.config.catchesUpItself !== true;
}

/** Whether the answer depends on what is stored, and is to wait for it. Of what takes away it does not. */
export function readsState({ routeOptions: { url }, method }: FastifyRequest): boolean {
  if (url === undefined || method === 'DELETE') return false;
  return !stateless.some((prefix) => url.startsWith(prefix));
}
