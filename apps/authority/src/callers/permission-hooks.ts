import { type FastifyRequest, type onRequestAsyncHookHandler } from 'fastify';
import { type Endpoint } from '../http/endpoint.js';
import { type Permission } from '../http/permission.js';
import { type Caller, CallerRefusedError, type Callers, insufficientScope } from './caller.js';

/**
 * Lets a request through to an endpoint once it is known who calls, and that the caller may: before its body is read. From then on
 * the request is the caller's, so that events name them.
 *
 * @param callers undefined: whoever reaches the listener may do everything
 * @returns the hook of an endpoint; none where nothing is asked
 * @throws TypeError for an endpoint that does not say what it needs
 */
export function permissionHooks(
  callers: Callers | undefined,
): (endpoint: Endpoint) => onRequestAsyncHookHandler | undefined {
  return ({ method, path, permission }) => {
    if (permission === undefined) throw new TypeError(`${method} ${path} declares no permission`);
    return permission === 'open' || callers === undefined ? undefined : permissionHook(callers, permission);
  };
}

function permissionHook(callers: Callers, permission: Permission): onRequestAsyncHookHandler {
  return async (request, reply) => {
    try {
      admit(await callers.callerOf(request), permission, request);
    } catch (error) {
      if (!(error instanceof CallerRefusedError)) throw error;
      void reply.header('www-authenticate', error.challenge);
      throw error.answer;
    }
  };
}

/** @throws CallerRefusedError when the caller may not */
function admit({ name, may }: Caller, permission: Permission, { context }: FastifyRequest): void {
  if (may !== 'everything' && !may.includes(permission)) throw insufficientScope(permission);
  context.actor = name;
  context.may = may;
}
