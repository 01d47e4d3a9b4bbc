import { type RootKey } from '#libs/crypto';
import { type Idempotency } from '#libs/event-store';
import { oauthError } from '#libs/oauth2';
import { type FastifyRequest, type preHandlerHookHandler } from 'fastify';

/**
 * Reads `Idempotency-Key`, 1 to 255 printable ASCII characters, into the request's context. A key is for one method and path: elsewhere
 * it is another key. What goes into the log are keyed hashes, since bodies hold secrets.
 */
export function idempotencyKeyHook(root: RootKey): preHandlerHookHandler {
  return (request, _reply, done) => {
    const key = request.headers['idempotency-key'];
    if (key === undefined) return done();
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
