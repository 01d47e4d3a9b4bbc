import { readFileSync } from 'node:fs';
import { Refusal, lineOf } from './refusal.js';

export type BearerOptions = { readonly accessToken?: string; readonly tokenFile?: string };

/** Where the environment has a token for each of the two listeners; that for the Admin API goes nowhere else. */
const environmentNames = {
  admin: ['HYDRANT_ADMIN_TOKEN', 'OAUTH2_ACCESS_TOKEN'],
  public: ['OAUTH2_ACCESS_TOKEN'],
} as const;

/**
 * The bearer token that requests have, if any: of an option, else of the environment.
 *
 * @throws Refusal when two options name one, or the file cannot be read or holds none
 */
export function bearerToken(
  { accessToken, tokenFile }: BearerOptions,
  listener: 'admin' | 'public',
): string | undefined {
  if (accessToken !== undefined && tokenFile !== undefined) {
    throw new Refusal('--access-token and --token-file exclude each other');
  }
  if (tokenFile !== undefined) return inFile(tokenFile);
  const named = [accessToken, ...environmentNames[listener].map((name) => process.env[name])];
  return named.find((token) => token !== undefined && token !== '');
}

function inFile(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Refusal(`--token-file cannot be read: ${lineOf(error)}`);
  }
  if (!/^[\x21-\x7e]+$/.test(text)) throw new Refusal(`--token-file ${file} holds no token`);
  return text;
}
