import { type RootKey } from '#libs/crypto';
import { type Idempotency } from '#libs/event-store';
import { oauthError } from '#libs/oauth2';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyRequest, type preHandlerHookHandler } from 'fastify';

/** Marks an operation that honours `Idempotency-Key`: one that would do something else when it is sent again (docs/adr/0009). */
export const TakesIdempotencyKey = (): MethodDecorator => RouteConfig({ takesIdempotencyKey: true });

/**
 * Reads `Idempotency-Key`, 1 to 255 printable ASCII characters, into the request's context. A key is for one method and path: elsewhere
 * it is another key. What goes into the log are keyed hashes, since bodies hold secrets.
 */
export function idempotencyKeyHook(root: RootKey): preHandlerHookHandler {
  return (request, _reply, done) => {
    const key = request.headers['idempotency-key'];
    if (key === undefined || request.routeOptions.config.takesIdempotencyKey !== true) return done();
    if (typeof key !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(key)) {
      return done(oauthError('invalid_request', 'Idempotency-Key must be 1 to 255 printable ASCII characters.'));
    }
    request.context.idempotency = idempotencyOf(root, key, request);
    done();
  };
}

function idempotencyOf(root: RootKey, key: string, { method, url, body }: FastifyRequest): Idempotency {
  const [path] = url.split('?');
  const keyHash = root.idempotencyHash(JSON.stringify([method, path, key]));
  return {
    keyHash,
    bodyHash: root.idempotencyHash(`${keyHash} ${(body as string | Buffer | undefined)?.toString() ?? ''}`),
  };
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `Idempotency-Key` is honoured. */
    takesIdempotencyKey?: boolean;
  }
}
