import { StoreRefusedError } from '#libs/event-store';
import { ReadModelRefusedError, rebuildReadModel } from '#libs/read-model';
import { Command } from 'commander';
import { type Configuration, ConfigurationError } from './config/configuration.js';
import { readConfiguration } from './config/read-configuration.js';
import { ApplicationLog } from './http/application-log.js';
import { openDataFolder } from './open-authority.js';
import { serveAll } from './serve.js';
import { version } from './version.js';

const shutdownTimeoutMs = 30_000;

const program = new Command('hydrant').description(
  'An OAuth 2.0 / OpenID Connect authority whose source of truth is an event log',
);
const serve = program.command('serve').description('start the authority; configured by environment variables');
serve
  .command('all', { isDefault: true })
  .description('the Admin API and the public endpoints in one process')
  .option('--dangerous-force-http', 'accepted for compatibility: plain HTTP is always served')
  .option('--disable-telemetry', 'accepted for compatibility: there is none')
  .option('--sqa-opt-out', 'accepted for compatibility: there is none')
  .action(() => run(serveUntilStopped));
for (const listener of ['admin', 'public']) {
  serve
    .command(listener)
    .description('one listener only; needs an event store that several processes can share')
    .action(() =>
      run(() =>
        Promise.reject(
          new ConfigurationError(
            `EVENT_STORE is sqlite, which one process owns: use "serve all" instead of "serve ${listener}"`,
          ),
        ),
      ),
    );
}
program
  .command('read-model')
  .command('rebuild')
  .description('build the read model anew from the event log')
  .action(() => run(rebuild));
program
  .command('version')
  .description('print the version')
  .action(() => void process.stdout.write(`${version}\n`));
await program.parseAsync();

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
  const foreseen =
    error instanceof ConfigurationError || error instanceof StoreRefusedError || error instanceof ReadModelRefusedError;
  if (foreseen) return error.message;
  if (error instanceof Error && 'syscall' in error) return error.message; // a file that cannot be read or written
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function serveUntilStopped(configuration: Configuration): Promise<void> {
  const applicationLog = ApplicationLog.create(configuration.log);
  const { logger } = applicationLog;
  const served = await serveAll(configuration, { applicationLog });
  const { adminUrl: admin, publicUrl } = served;
  logger.info({ admin, public: publicUrl, issuer: configuration.issuer }, 'hydrant is ready');
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
  const folder = await openDataFolder(configuration);
  try {
    const { store, codec, readModelFile: file } = folder;
    const { events } = await rebuildReadModel({ file, store, codec });
    process.stdout.write(`applied ${events} events to ${file}\n`);
  } finally {
    await folder.close();
  }
}
