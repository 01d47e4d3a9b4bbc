import { sha256Base64Url } from './digest.js';
import { drawRandom } from './random.js';

/** By the beginning a token that was published by mistake is known for what it is. */
const prefix = 'hydrant_admin_';
const shape = new RegExp(`^${prefix}[A-Za-z0-9_-]{43}$`);

/** Makes a token for the Admin API, of 256 random bits, and the hash that it is stored under. */
export function mintAdminToken(): { token: string; hash: string } {
  const token = `${prefix}${drawRandom(32).toString('base64url')}`;
  return { token, hash: sha256Base64Url(token) };
}

/** What a token for the Admin API is stored under: its SHA-256. `undefined` for anything that cannot be one. */
export function adminTokenHash(token: string): string | undefined {
  return shape.test(token) ? sha256Base64Url(token) : undefined;
}
