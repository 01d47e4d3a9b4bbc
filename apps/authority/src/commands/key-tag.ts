import { sha256Hex } from '#libs/crypto';
import { entityTag } from '../http/entity-tags.js';

/**
 * The entity tag of one key: it changes when the key does, not when its neighbours in the set do. A private part that is written
 * again gets another secret, so its key gets another tag.
 *
 * @param publicJwk as JSON text
 */
export function keyTag(publicJwk: string, secretId: string | null): string {
  return entityTag(sha256Hex(`${secretId ?? ''} ${publicJwk}`).slice(0, 32));
}
