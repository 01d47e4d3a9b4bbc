import { Command } from 'commander';
import { Connection, type ConnectionOptions, RefusedByAuthority, withConnection } from '../connection.js';
import { note } from '../output.js';
import { Refusal, lineOf } from '../refusal.js';
import { dumpSource } from './dump-source.js';
import { ImportReport, type Kind, type Outcome } from './report.js';
import { type Found, type Source } from './source.js';
import { systemSecrets } from './system-secrets.js';
import { type KeySetJson, signsNothing, takeKeys } from './take-keys.js';

type Options = ConnectionOptions & {
  readonly dump?: string;
  readonly systemSecretFile?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
};
type Run = {
  readonly connection: Connection;
  readonly report: ImportReport;
  readonly dryRun: boolean;
  /** Clients that a rehearsal would have made, so that their consents find them. */
  readonly promised: Set<string>;
};
/** What the authority says of a client or consent. */
type Taken = { readonly outcome: Outcome; readonly unsupported?: readonly string[]; readonly client_secret?: string };

/** More at a time would only wait for each other. */
const atOnce = 8;
const betweenNotes = 1000;

export function importHydraCommand(): Command {
  const command = new Command('import-hydra')
    .description(
      'take over clients, key sets and consents of an installation of ORY Hydra, or what has changed of them since',
    )
    .option('--dump <file>', 'a pg_dump of its database, as plain SQL; - is the standard input')
    .option(
      '--system-secret-file <file>',
      'with the system secrets of that Hydra, one a line (default: environment HYDRA_SECRETS_SYSTEM)',
    )
    .option('--dry-run', 'only say what would become of everything')
    .option('--json', 'report in JSON');
  return withConnection(command, 'admin').action(importHydra);
}

async function importHydra(options: Options): Promise<void> {
  const { dryRun = false, json = false } = options;
  const connection = Connection.of(options, 'admin');
  const source = await sourceOf(options);
  const run = { connection, report: new ImportReport(dryRun), dryRun, promised: new Set<string>() };
  try {
    await take('clients', source.clients, run);
    await take('keys', source.keySets, run);
    await take('consents', source.consents, run);
    run.report.print(json ? 'json' : 'text', source.left());
  } finally {
    source.close();
  }
  if (run.report.refusals > 0) throw new Refusal(`${run.report.refusals} were not taken; the report says why`);
}

async function sourceOf(options: Options): Promise<Source> {
  if (options.dump === undefined) throw new Refusal('give --dump');
  return dumpSource(options.dump, systemSecrets(options.systemSecretFile));
}

/** Some at a time; what one of them is refused for keeps no other out. */
async function take(
  kind: Kind,
  found: Source[keyof Source & ('clients' | 'keySets' | 'consents')],
  run: Run,
): Promise<void> {
  let [batch, done]: [Found[], number] = [[], 0];
  const send = async (): Promise<void> => {
    await Promise.all(batch.map((each) => takeOne(kind, each, run)));
    done += batch.length;
    batch = [];
    if (done > 0 && done % betweenNotes === 0) note(`${done} ${kind}`);
  };
  for await (const each of found) {
    batch.push(each);
    if (batch.length === atOnce) await send();
  }
  await send();
}

async function takeOne(kind: Kind, found: Found, run: Run): Promise<void> {
  const { connection, report, dryRun } = run;
  if ('reason' in found) return report.refuse(kind, found.name, found.reason);
  const path = `/import/${kind}${dryRun ? '?dry_run=true' : ''}`;
  try {
    if (kind === 'keys') return await takeSet(found.body as KeySetJson, run);
    const { json } = await connection.send({ method: 'POST', path, json: found.body, expect: [200] });
    record(kind, { name: found.name, answer: json as Taken }, run);
  } catch (error) {
    if (!isAboutOne(error, kind)) throw error;
    if (isPromised(found.body, error, run)) return report.count(kind, 'created');
    report.refuse(kind, found.name, error.status === 404 ? 'its client is not here' : lineOf(error));
  }
}

async function takeSet(set: KeySetJson, { connection, report, dryRun }: Run): Promise<void> {
  const { created, unchanged } = await takeKeys(connection, set, dryRun);
  for (let counted = 0; counted < unchanged; counted += 1) report.count('keys', 'unchanged');
  for (const key of created) {
    report.count('keys', 'created');
    if (signsNothing(set.set, key))
      report.remark('keys', `${key.kid} of ${set.set}`, 'no key for RS256: tokens that it signed do not verify here');
  }
}

function record(
  kind: Kind,
  { name, answer }: { name: string; answer: Taken },
  { report, dryRun, promised }: Run,
): void {
  report.count(kind, answer.outcome);
  if (dryRun && kind === 'clients' && answer.outcome === 'created') promised.add(name);
  const { unsupported = [] } = answer;
  if (unsupported.length > 0) report.remark(kind, name, `without ${unsupported.join(', ')}, which is not done here`);
  if (answer.client_secret !== undefined)
    report.remark(kind, name, 'no hash of its secret was known: give it a new one');
}

function isPromised(body: object, { status }: RefusedByAuthority, { promised }: Run): boolean {
  const clientId: unknown = Reflect.get(body, 'client_id');
  return status === 404 && typeof clientId === 'string' && promised.has(clientId);
}

/** What the authority says of one thing; all else ends the run, which can be repeated. */
function isAboutOne(error: unknown, kind: Kind): error is RefusedByAuthority {
  if (!(error instanceof RefusedByAuthority)) return false;
  return [400, 409, 412, 413].includes(error.status) || (error.status === 404 && kind === 'consents');
}
