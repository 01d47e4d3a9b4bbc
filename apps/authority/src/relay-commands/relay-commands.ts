import { type Command } from 'commander';
import { type Configuration } from '../config/configuration.js';
import { runRelay } from './run.js';

/** Runs what a command does with the configuration of this process; what it throws ends the process with 1. */
export type RunCommand = (command: (configuration: Configuration) => Promise<void>) => Promise<void>;

/** `hydrant relay …`: what others get of the log through Kafka. */
export function addRelayCommands(program: Command, run: RunCommand): void {
  const relay = program.command('relay').description('what is published to Kafka: run it, look at it, mend it');
  relay
    .command('run')
    .description('publish the log to Kafka, beside authorities on the same EventStoreDB')
    .action(() => run(runRelay));
}
