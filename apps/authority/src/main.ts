import { CodecError, StoreRefusedError, UnavailableError } from '#libs/event-store';
import { RelayRefusedError } from '#libs/fan-out';
import { ReadModelBehindError, ReadModelRefusedError, rebuildReadModel } from '#libs/read-model';
import { Command } from 'commander';
import { type Configuration, ConfigurationError } from './config/configuration.js';
import { readConfiguration } from './config/read-configuration.js';
import { ApplicationLog } from './http/application-log.js';
import { openDataFolder } from './process/open-authority.js';
import { type ListenerKind } from './http/listener-kind.js';
import { serve } from './process/serve.js';
import { addBackupCommands } from './backup-commands/backup-commands.js';
import { addAdminTokenCommands } from './admin-token-commands/admin-token-commands.js';
import { addRelayCommands } from './relay-commands/relay-commands.js';
import { version } from './config/version.js';

const shutdownTimeoutMs = 30_000;

/** Errors whose message is the one line an operator needs. */
const foreseen = [
  ...[ConfigurationError, StoreRefusedError, ReadModelRefusedError, UnavailableError, CodecError, RelayRefusedError],
];

/** Those of the other program (docs/adr/0005): `bin/hydrant.mjs` starts it for them. Here they are for the help. */
const commandsOverHttp = [
  ['clients', 'manage OAuth 2.0 clients over HTTP: create, get, list, update, delete, import'],
  ['keys', 'manage JSON Web Key sets over HTTP: create, get, delete, import'],
  ['token', 'tokens over HTTP: client, introspect, revoke, flush'],
  ['import-hydra', 'take over clients, key sets and consents of an installation of ORY Hydra'],
] as const;

process.umask(0o077); // what is made here is for its owner only, in whatever folder

const program = new Command('hydrant')
  .description('An OAuth 2.0 / OpenID Connect authority whose source of truth is an event log')
  .version(version);
const serving = program.command('serve').description('start the authority; configured by environment variables');
serving
  .command('all', { isDefault: true })
  .description('the Admin API and the public endpoints in one process')
  .option('--dangerous-force-http', 'accepted for compatibility: plain HTTP is always served')
  .option('--disable-telemetry', 'accepted for compatibility: there is none')
  .option('--sqa-opt-out', 'accepted for compatibility: there is none')
  .action(() => run((configuration) => serveUntilStopped(configuration, ['admin', 'public'])));
for (const kind of ['admin', 'public'] as const) {
  serving
    .command(kind)
    .description(`the ${kind} listener only, beside other processes on the same EventStoreDB`)
    .action(() => run((configuration) => serveUntilStopped(shareable(configuration, kind), [kind])));
}
program
  .command('read-model')
  .description('the views that reads are answered from')
  .command('rebuild')
  .description('build the read model anew from the event log')
  .action(() => run(rebuild));
addBackupCommands(program, run);
addRelayCommands(program, run);
addAdminTokenCommands(program, run);
program
  .command('version')
  .description('print the version')
  .action(() => void process.stdout.write(`${version}\n`));
for (const [name, description] of commandsOverHttp) {
  program
    .command(name)
    .description(description)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => program.error(`hydrant: "${name}" is a command of bin/hydrant.mjs`));
}
await program.parseAsync();

/** @throws ConfigurationError when the event store belongs to one process */
function shareable(configuration: Configuration, kind: ListenerKind): Configuration {
  if (configuration.eventStore.kind !== 'sqlite') return configuration;
  throw new ConfigurationError(
    `EVENT_STORE is sqlite, which one process owns: use "serve all" instead of "serve ${kind}"`,
  );
}

async function run(command: (configuration: Configuration) => Promise<void>): Promise<void> {
  try {
    const { configuration, warnings } = readConfiguration(process.env);
    for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
    await command(configuration);
  } catch (error) {
    process.stderr.write(`hydrant: ${refusal(error)}\n`);
    process.exitCode = 1;
  }
}

/** What stops a start in a foreseen way is one line; anything else shows where it came from. */
function refusal(error: unknown): string {
  if (foreseen.some((kind) => error instanceof kind)) return (error as Error).message;
  if (error instanceof ReadModelBehindError) return `${error.message}: ${refusal(error.cause)}`;
  if (error instanceof Error && 'syscall' in error) return error.message; // a file that cannot be read or written
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function serveUntilStopped(configuration: Configuration, kinds: readonly ListenerKind[]): Promise<void> {
  const applicationLog = ApplicationLog.create(configuration.log);
  const { logger } = applicationLog;
  const served = await serve(configuration, kinds, { applicationLog });
  logger.info({ ...served.urls, issuer: configuration.issuer }, 'hydrant is ready');
  let closing = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (closing) return;
    closing = true;
    logger.info({ signal }, 'shutting down');
    setTimeout(() => process.exit(1), shutdownTimeoutMs).unref();
    served.close().then(
      () => logger.info('stopped'),
      (error: unknown) => {
        logger.error({ err: error }, 'could not close');
        process.exitCode = 1;
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
}

async function rebuild(configuration: Configuration): Promise<void> {
  const folder = await openDataFolder(configuration, { applicationLog: ApplicationLog.create(configuration.log) });
  try {
    const { store, codec, readModelFile: file } = folder;
    const { events } = await rebuildReadModel({ file, store, codec });
    process.stdout.write(`applied ${events} events to ${file}\n`);
  } finally {
    await folder.close();
  }
}
