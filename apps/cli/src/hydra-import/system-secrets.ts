import { readFileSync } from 'node:fs';
import { Refusal, lineOf } from '../refusal.js';

const environmentName = 'HYDRA_SECRETS_SYSTEM';

/**
 * The system secrets that Hydra has had: one a line of the file, or separated by commas in the environment.
 *
 * @throws Refusal when the file cannot be read, or holds none
 */
export function systemSecrets(file: string | undefined): string[] {
  const text = process.env[environmentName] ?? '';
  const secrets = file === undefined ? [text, ...text.split(',')] : linesOf(file);
  return secrets.map((secret) => secret.trim()).filter((secret) => secret !== '');
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
