import { createDecipheriv, createHash } from 'node:crypto';

const [nonceBytes, tagBytes] = [12, 16];

/**
 * A JSON Web Key as Hydra stores it: JSON in AES-256-GCM under the SHA-256 of a system secret, nonce first, in base64url.
 *
 * @param secrets those that may have encrypted it
 * @returns `undefined` where none of them opens it
 */
export function decryptStoredKey(keydata: string, secrets: readonly string[]): unknown {
  const bytes = Buffer.from(keydata, 'base64url');
  for (const secret of secrets) {
    const text = opened(bytes, createHash('sha256').update(secret).digest());
    if (text !== undefined) return JSON.parse(text) as unknown;
  }
  return undefined;
}

function opened(bytes: Buffer, key: Buffer): string | undefined {
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString();
  } catch {
    return undefined;
  }
}
