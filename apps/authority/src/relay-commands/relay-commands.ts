import { type Command, Option } from 'commander';
import { type Configuration } from '../config/configuration.js';
import { type RelayLog, withRelayLog } from './open-relay-log.js';
import { park, type ParkOptions } from './park.js';
import { replayInto, type ReplayOptions } from './replay.js';
import { rewind, type RewindOptions } from './rewind.js';
import { runRelay } from './run.js';
import { withSelection } from './selection-options.js';
import { printStatus } from './status.js';
import { verifyTopics, type VerifyOptions } from './verify.js';

/** Runs what a command does with the configuration of this process; what it throws ends the process with 1. */
export type RunCommand = (command: (configuration: Configuration) => Promise<void>) => Promise<void>;

/** `hydrant relay …`: what others get of the log through Kafka. */
export function addRelayCommands(program: Command, run: RunCommand): void {
  const relay = program.command('relay').description('what is published to Kafka: run it, look at it, mend it');
  const withLog = (act: (opened: RelayLog) => Promise<void>): Promise<void> =>
    run((configuration) => withRelayLog(configuration, act));
  relay
    .command('run')
    .description('publish the log to Kafka, beside authorities on the same EventStoreDB')
    .action(() => run(runRelay));
  relay
    .command('status')
    .description('how far the log is published, and by whom')
    .addOption(formatOption())
    .action(({ format }: { format: 'text' | 'json' }) => withLog((opened) => printStatus(opened, format)));
  withSelection(relay.command('replay'))
    .description('publish a part of the log again, into a topic of yours; run again, it goes on where it stopped')
    .requiredOption('--topic <name>', 'where to, with its whole name')
    .option('--create', 'create the topic when it is not there')
    .action((options: ReplayOptions) => withLog((opened) => replayInto(opened, options)));
  withSelection(relay.command('verify'))
    .description('hold topics against the log: what is missing, repeated, out of order; ends with 1 when something is')
    .option(
      '--topic <name...>',
      "with its whole name; all of the relay's when not given, or one that was replayed into",
    )
    .addOption(formatOption())
    .action((options: VerifyOptions) =>
      withLog(async (opened) => {
        if (!(await verifyTopics(opened, options))) process.exitCode = 1;
      }),
    );
  relay
    .command('rewind')
    .description('set up to where the log counts as published, after topics were lost or rebuilt')
    .option('--to <position>', 'the last position that is published; 0: nothing is')
    .option('--from-topics', 'the highest position that the topics have')
    .option('--yes', 'do not ask')
    .action((options: RewindOptions) => withLog((opened) => rewind(opened, options)));
  relay
    .command('park')
    .description('let an event pass that cannot be published: readers get a placeholder in its place')
    .requiredOption('--position <position>', 'where the relay has stopped')
    .requiredOption('--reason <text>', 'why; it goes into the log and to the readers')
    .option('--actor <name>', 'who you are; hydrant when not given')
    .action((options: ParkOptions) => run((configuration) => park(configuration, options)));
}

function formatOption(): Option {
  return new Option('--format <format>', 'how to print the result').choices(['text', 'json']).default('text');
}
