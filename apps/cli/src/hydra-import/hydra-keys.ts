import { createDecipheriv, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Refusal, lineOf } from '../refusal.js';

const environmentName = 'HYDRA_SECRETS_SYSTEM';
const [nonceBytes, tagBytes] = [12, 16];

/** What a system secret encrypts with. */
export type KeyDecryption = readonly Buffer[];

/**
 * What decrypts the keys of a dump: of each system secret that Hydra has had, one a line of the file, or separated by commas in the
 * environment.
 *
 * @throws Refusal when the file cannot be read, or holds none
 */
export function keyDecryption(file: string | undefined): KeyDecryption {
  const text = process.env[environmentName] ?? '';
  const secrets = file === undefined ? [text, ...text.split(',')] : linesOf(file);
  return secrets
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '')
    .map((secret) => createHash('sha256').update(secret).digest());
}

function linesOf(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Refusal(`--system-secret-file cannot be read: ${lineOf(error)}`);
  }
  if (text.trim() === '') throw new Refusal(`--system-secret-file ${file} holds no secret`);
  return text.split('\n');
}

/** A JSON Web Key as Hydra stores it: AES-256-GCM, nonce first; `undefined` where none of the secrets opens it. */
export function decryptedKey(keydata: string, keys: KeyDecryption): unknown {
  const bytes = Buffer.from(keydata, 'base64url');
  for (const key of keys) {
    const text = opened(bytes, key);
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
