import { type RootKey } from '#libs/crypto';
import { type Position } from '#libs/event-store';
import { type Bound, type Selection, typesNamed } from '#libs/fan-out';
import { type Command } from 'commander';
import { ConfigurationError } from '../config/configuration.js';

/** As they come from the command line. */
export type SelectionOptions = {
  readonly from?: string;
  readonly to?: string;
  readonly types?: string;
  readonly client?: string;
  readonly subject?: string;
};

export function withSelection(command: Command): Command {
  return command
    .option('--from <position|time>', 'from there on: a position of the log, or a time as in 2026-11-02T08:00:00Z')
    .option('--to <position|time>', 'up to there, included')
    .option('--types <types>', 'only these, with commas between: consent.accepted,consent.revoked')
    .option('--client <id>', 'only what is about this client')
    .option('--subject <subject>', 'only what is about this person');
}

/** @throws ConfigurationError naming the option that cannot be used */
export function selectionOf(options: SelectionOptions, root: RootKey): Selection {
  const { from, to, types, client, subject } = options;
  try {
    return {
      from: bound('--from', from),
      to: bound('--to', to),
      types: types === undefined ? undefined : typesNamed(types.split(',').map((name) => name.trim())),
      clientId: client,
      subjectHash: subject === undefined ? undefined : root.subjectHash(subject),
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ConfigurationError(`--types: ${error.message}`);
  }
}

function bound(option: string, text: string | undefined): Bound | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return { position: positionOf(option, text) };
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new ConfigurationError(`${option} must be a position or a time, not ${text}`);
  return { time };
}

/** @throws ConfigurationError naming the option */
export function positionOf(option: string, text: string): Position {
  const position = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(position)) {
    throw new ConfigurationError(`${option} must be a position of the log, not ${text}`);
  }
  return position as Position;
}
