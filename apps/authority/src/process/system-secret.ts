import { randomHex } from '#libs/crypto';
import { type EventStore } from '#libs/event-store';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Configuration, ConfigurationError } from '../config/configuration.js';

const fileName = 'system-secret';

/**
 * The system secrets: those configured, else the one in the data folder, made at the first start with file mode 0600.
 *
 * @throws ConfigurationError when there is a log already and no secret, configured or in the folder
 */
export async function systemSecretsOf(
  { systemSecrets, dataDir }: Configuration,
  store: EventStore,
): Promise<readonly string[]> {
  const file = join(dataDir, fileName);
  const stored = existsSync(file) ? [readFileSync(file, 'utf8').trim()] : [];
  if (systemSecrets.length > 0) return [...systemSecrets, ...stored];
  if (stored.length > 0) return stored;
  if ((await store.head()) !== undefined) {
    throw new ConfigurationError(
      `SECRETS_SYSTEM is not set and ${file} is missing: give the secret this event log was started with`,
    );
  }
  return [create(file)];
}

/** Durable and whole before its name appears: a crash leaves no secret or all of it. */
function create(file: string): string {
  const secret = randomHex(32);
  const draft = `${file}.draft`;
  rmSync(draft, { force: true });
  const descriptor = openSync(draft, 'wx', 0o600);
  writeSync(descriptor, `${secret}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
  linkSync(draft, file);
  rmSync(draft);
  return secret;
}
