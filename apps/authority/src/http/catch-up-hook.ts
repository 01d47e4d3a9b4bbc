import { type ReadModel } from '#libs/read-model';
import { type FastifyRequest, type preHandlerAsyncHookHandler } from 'fastify';

/** Paths whose answers do not depend on what is stored. */
const stateless = ['/health/', '/version', '/metrics/', '/oauth2/fallbacks/', '/.well-known/openid-configuration'];

/** A revocation is recorded even when the read model cannot catch up (design: catching up). */
const revocations = '/oauth2/auth/sessions/';

/**
 * The one consistency rule: a request that depends on stored state first waits until this instance's read model has applied all
 * that was acknowledged before it came; in time, or 503.
 */
export function catchUpHook(readModel: ReadModel): preHandlerAsyncHookHandler {
  return async (request) => {
    if (!dependsOnState(request)) return;
    await readModel.catchUp();
  };
}

function dependsOnState({ routeOptions, method }: FastifyRequest): boolean {
  const { url } = routeOptions;
  if (url === undefined || routeOptions.config.catchesUpItself === true) return false;
  if (method === 'DELETE' && url.startsWith(revocations)) return false;
  return !stateless.some((prefix) => url.startsWith(prefix));
}
