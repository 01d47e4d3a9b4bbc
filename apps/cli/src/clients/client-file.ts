import { isImportedHash } from '#libs/crypto';
import { type MemberKind, clientMemberList } from '#libs/oauth2';
import { Refusal } from '../refusal.js';

/** A client to create, with the members of the Admin API. */
export type ClientJson = Readonly<Record<string, unknown>>;

/** Columns of `hydra_client` that hold lists, joined by `|`. */
const listColumns = namesOf('strings');
/** Columns in forms of the database's own that an import has no use for. */
const unusedColumns = ['pk', 'id', ...namesOf('timestamp'), ...namesOf('integer')];

function namesOf(sought: MemberKind): string[] {
  return clientMemberList.filter(({ kind }) => kind === sought).map(({ name }) => name);
}

/**
 * The clients of a file: one JSON value (a client or an array of them), or one a line. A client is what the Admin API takes, or a row
 * of Hydra's table `hydra_client` (it has `id`, not `client_id`). A secret in the form of a bcrypt or PBKDF2 hash is one.
 *
 * @throws Refusal naming the file, and the line if it is one of JSON lines
 */
export function clientsIn(text: string, file: string): ClientJson[] {
  const clients = valuesIn(text, file).flatMap((value) => value);
  if (clients.length === 0) throw new Refusal(`${file} holds no clients`);
  return clients.map((client) => clientOf(client, file));
}

function valuesIn(text: string, file: string): unknown[] {
  const whole = parsed(text);
  if (whole !== undefined) return [whole];
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
  return lines
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => {
      const value = parsed(line);
      if (value === undefined) throw new Refusal(`${file} is not JSON, nor JSON lines (line ${number})`);
      return value;
    });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function clientOf(value: unknown, file: string): ClientJson {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal(`${file} holds something that is not a client: clients are JSON objects`);
  }
  const client = value as ClientJson;
  if ('id' in client && !('client_id' in client)) return clientOfRow(client, file);
  const { client_secret: secret, ...others } = client;
  return typeof secret === 'string' && isImportedHash(secret) ? { ...others, client_secret_hash: secret } : client;
}

/** A client of its row. Its secret is a hash whatever it looks like: what the server cannot use it refuses. */
export function clientOfRow(row: ClientJson, file: string): ClientJson {
  const { client_secret: hash, jwks, ...others } = row;
  const kept = Object.entries(others).filter(([column]) => !unusedColumns.includes(column));
  const members = kept.map(([column, value]) => [column, listColumns.includes(column) ? list(value) : value]);
  return {
    client_id: row.id,
    ...(Object.fromEntries(members) as ClientJson),
    ...keysOfRow(jwks, file),
    ...(typeof hash === 'string' && hash !== '' ? { client_secret_hash: hash } : {}),
  };
}

function list(value: unknown): unknown {
  return typeof value === 'string' ? value.split('|').filter((part) => part !== '') : value;
}

/** Text in the database; a set without keys stands for none, which would exclude a `jwks_uri`. */
function keysOfRow(jwks: unknown, file: string): ClientJson {
  if (jwks === undefined || jwks === null || jwks === '') return {};
  const value = typeof jwks === 'string' ? parsed(jwks) : jwks;
  if (value === undefined) throw new Refusal(`${file} holds a client whose jwks is not JSON`);
  const keys = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : undefined;
  return Array.isArray(keys) && keys.length > 0 ? { jwks: value } : {};
}
