import { type Command } from 'commander';
import { type Configuration, ConfigurationError } from '../config/configuration.js';
import { backUp } from './back-up.js';
import { restore } from './restore.js';

type RunCommand = (command: (configuration: Configuration) => Promise<void>) => Promise<void>;

/** `hydrant backup` and `hydrant restore`: the embedded log as one file, which says itself whether it is whole. */
export function addBackupCommands(program: Command, run: RunCommand): void {
  program
    .command('backup <file>')
    .description('back up the embedded event log, also while an authority runs; - writes to stdout')
    .action((file: string) => run((configuration) => backUp(embedded(configuration, 'Back it up'), file)));
  program
    .command('restore <file>')
    .description('make the event log of a backup, in a DATA_DIR without one; - reads from stdin')
    .action((file: string) => run((configuration) => restore(embedded(configuration, 'Restore it'), file)));
}

/** @throws ConfigurationError when the log is somewhere else */
function embedded(configuration: Configuration, what: string): Configuration {
  if (configuration.eventStore.kind === 'sqlite') return configuration;
  throw new ConfigurationError(
    `EVENT_STORE is an EventStoreDB, this command is for the log in DATA_DIR. ${what} with the means of the database: docs/eventstoredb.md`,
  );
}
