import { createReadStream } from 'node:fs';
import { decryptStoredKey } from '#libs/crypto';
import { note } from '../output.js';
import { Refusal, lineOf } from '../refusal.js';
import { clientOf } from './client-of-row.js';
import {
  type ConsentJson,
  consentOfFlow,
  consentOfRows,
  decisionTable,
  flowTable,
  isAsked,
  isOver,
  isRemembered,
  isRememberedFlow,
  requestTable,
} from './consent-of-row.js';
import { dumpLines } from './dump-lines.js';
import { type DumpRow, type Row, dumpRows } from './dump-rows.js';
import { Scratch } from './scratch.js';
import { type Found, type Left, type Source } from './source.js';

const clientTable = 'hydra_client';
const keyTable = 'hydra_jwk';
const rowsBetweenNotes = 100_000;

/** The set with the certificate of Hydra's own listener. */
const ownCertificate = 'hydra.https-tls';

/** What is only counted. */
const counted: readonly { readonly table: string; readonly what: string; readonly advice: string }[] = [
  { table: 'hydra_oauth2_access', what: 'access tokens', advice: 'they end with Hydra; clients get new ones' },
  {
    table: 'hydra_oauth2_refresh',
    what: 'refresh tokens',
    advice: 'people log in again; remembered consents are not asked for again',
  },
  { table: 'hydra_oauth2_code', what: 'authorization codes', advice: 'flows under way begin anew' },
  { table: 'hydra_oauth2_authentication_session', what: 'login sessions', advice: 'people log in again' },
  {
    table: 'hydra_oauth2_trusted_jwt_bearer_issuer',
    what: 'trusted issuers of JWT bearer grants',
    advice: 'this grant is not there',
  },
];
const wanted = new Set([
  ...[clientTable, keyTable, requestTable, decisionTable, flowTable],
  ...counted.map(({ table }) => table),
]);

/**
 * What a `pg_dump` of Hydra's database holds. It is read to its end before anything of it is given, so of a dump that is cut short
 * nothing is taken.
 *
 * @param file `-` is the standard input
 * @throws Refusal naming the file
 */
export async function dumpSource(file: string, secrets: readonly string[]): Promise<Source> {
  const scratch = new Scratch();
  try {
    const counts = await readInto(scratch, file);
    return sourceOf(scratch, counts, secrets);
  } catch (error) {
    scratch.close();
    throw new Refusal(`${file === '-' ? 'the standard input' : file} ${lineOf(error)}`);
  }
}

async function readInto(scratch: Scratch, file: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let read = 0;
  for await (const found of dumpRows(dumpLines(chunksOf(file)), (table) => wanted.has(table))) {
    counts.set(found.table, (counts.get(found.table) ?? 0) + 1);
    keep(scratch, found);
    read += 1;
    if (read % rowsBetweenNotes === 0) note(`${read} rows read`);
  }
  if (read === 0) throw new Refusal('holds nothing of Hydra');
  if (counts.has(decisionTable) && !counts.has(requestTable))
    throw new Refusal(`has ${decisionTable}, and not ${requestTable}`);
  return counts;
}

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  const stream: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file);
  try {
    yield* stream;
  } catch (error) {
    throw new Refusal(`cannot be read: ${lineOf(error)}`);
  }
}

function keep(scratch: Scratch, { table, row }: DumpRow): void {
  switch (table) {
    case clientTable:
      return scratch.put('client', row['id'] ?? '', row);
    case keyTable:
      return scratch.put('key', JSON.stringify([row['sid'], row['kid']]), row);
    case requestTable:
      return isAsked(row) ? scratch.put('consent request', row['challenge'] ?? '', row) : undefined;
    case decisionTable:
      return isRemembered(row) ? scratch.put('consent', row['challenge'] ?? '', row) : undefined;
    case flowTable:
      return isRememberedFlow(row) ? scratch.put('flow', row['consent_challenge_id'] ?? '', row) : undefined;
    default:
      return undefined;
  }
}

function sourceOf(scratch: Scratch, counts: ReadonlyMap<string, number>, secrets: readonly string[]): Source {
  const now = new Date();
  let over = 0;
  const alive = (consent: ConsentJson): Found | undefined => {
    if (!isOver(consent, now)) return { name: consent.challenge, body: consent };
    over += 1;
    return undefined;
  };
  return {
    clients: clientsIn(scratch),
    keySets: keySetsIn(scratch, secrets),
    consents: consentsIn(scratch, alive),
    left: () => [
      { what: 'remembered consents that are over', count: over, advice: 'Hydra would ask again, too' },
      ...counted.map(({ table, what, advice }): Left => ({ what, advice, count: counts.get(table) ?? 0 })),
    ],
    close: () => scratch.close(),
  };
}

function* clientsIn(scratch: Scratch): Generator<Found> {
  for (const row of scratch.all('client')) yield attempted(row['id'] ?? '', () => clientOf(row));
}

/** Sets with their newest keys first, as Hydra lists them. */
function* keySetsIn(scratch: Scratch, secrets: readonly string[]): Generator<Found> {
  const sets = Map.groupBy(scratch.all('key'), (row) => row['sid'] ?? '');
  for (const [set, rows] of sets) {
    if (set === ownCertificate) continue;
    const newestFirst = rows.sort((one, other) => (createdAt(one) < createdAt(other) ? 1 : -1));
    const keys: unknown[] = [];
    for (const row of newestFirst) {
      const kid = row['kid'] ?? '';
      const key = secrets.length === 0 ? undefined : decryptStoredKey(row['keydata'] ?? '', secrets);
      if (key !== undefined) keys.push(key);
      else if (secrets.length === 0)
        yield { name: `${kid} of ${set}`, reason: 'it is encrypted: give the system secret of Hydra' };
      else yield { name: `${kid} of ${set}`, reason: 'no system secret that was given decrypts it' };
    }
    if (keys.length > 0) yield { name: set, body: { set, keys } };
  }
}

function createdAt(row: Row): string {
  return row['created_at'] ?? '';
}

function* consentsIn(scratch: Scratch, alive: (consent: ConsentJson) => Found | undefined): Generator<Found> {
  for (const [decision, request] of scratch.pairs('consent', 'consent request')) {
    if (request === undefined) continue; // it skipped, so another one is what was decided
    const found = attempted(decision['challenge'] ?? '', () => consentOfRows(request, decision));
    const kept = 'body' in found ? alive(found.body as ConsentJson) : found;
    if (kept !== undefined) yield kept;
  }
  for (const flow of scratch.all('flow')) {
    const found = attempted(flow['consent_challenge_id'] ?? '', () => consentOfFlow(flow));
    const kept = 'body' in found ? alive(found.body as ConsentJson) : found;
    if (kept !== undefined) yield kept;
  }
}

function attempted(name: string, body: () => object): Found {
  try {
    return { name, body: body() };
  } catch (error) {
    if (error instanceof Refusal) return { name, reason: error.message };
    throw error;
  }
}
