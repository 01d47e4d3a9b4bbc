import { uuidV7 } from '#libs/crypto';
import {
  type AdminTokenCommand,
  type AdminTokenEvent,
  DomainError,
  adminToken,
  adminTokenEventSchemas,
} from '#libs/domain';
import { EventLog, type Position, decideAndAppend } from '#libs/event-store';
import { type Command, Option } from 'commander';
import {
  type ShownAdminToken,
  adminTokenLife,
  mintAdminTokenAsAsked,
  shownAdminToken,
} from '../commands/admin-token.commands.js';
import { Clock } from '../commands/clock.js';
import { type Configuration, ConfigurationError } from '../config/configuration.js';
import { parseDuration } from '../config/duration.js';
import { ApplicationLog } from '../http/application-log.js';
import { openDataFolder } from '../process/open-authority.js';
import { type OpenLog, openForWriting, openLogForReading } from '../process/open-log.js';

const pageSize = 1_000;
const usualLife = `${adminTokenLife.usualSeconds / 3_600}h`;

type Format = { readonly format: 'text' | 'json' };
type Wanted = Format & { readonly scope: string; readonly expiresIn: string };
type RunCommand = (command: (configuration: Configuration) => Promise<void>) => Promise<void>;

/**
 * `hydrant admin-tokens … --offline`: on the log itself, for whoever has it. That is how the first token is made. Without the flag the
 * commands are those of the other program, and talk to the Admin API (docs/adr/0005).
 */
export function addAdminTokenCommands(program: Command, run: RunCommand): void {
  const tokens = program
    .command('admin-tokens')
    .description('tokens for the Admin API over HTTP, or with --offline on the log itself: create, list, revoke');
  const command = (name: string, description: string): Command =>
    tokens
      .command(name)
      .description(description)
      .requiredOption('--offline', 'on the event log that is configured, not over HTTP')
      .addOption(new Option('--format <format>', 'how to print the result').choices(['text', 'json']).default('text'));
  command('create <name>', 'make a token, and print it this one time')
    .requiredOption('--scope <scopes>', 'what its holder may do, with commas in between; or all')
    .option('--expires-in <duration>', 'for how long', usualLife)
    .action((name: string, options: Wanted) => run((configuration) => create(configuration, name, options)));
  command('list', 'show the tokens that let callers in').action(({ format }: Format) =>
    run((configuration) => list(configuration, format)),
  );
  command('revoke <name>', 'revoke a token').action((name: string, { format }: Format) =>
    run((configuration) => revoke(configuration, name, format)),
  );
}

async function create(configuration: Configuration, name: string, options: Wanted): Promise<void> {
  const { scope, expiresIn, format } = options;
  const lifeMs = parseDuration(expiresIn);
  if (lifeMs === undefined) throw new ConfigurationError('--expires-in must be a duration such as 720h');
  const minted = mintAdminTokenAsAsked({ name, scope, lifeMs }, new Clock().now());
  if (typeof minted === 'string') throw new ConfigurationError(minted);
  const { token, data } = minted;
  const [event] = await change(configuration, (now) => ({ type: 'CreateAdminToken', data, now }));
  if (event?.type !== 'AdminTokenCreated') throw new TypeError('a token is created, or refused');
  print(format === 'json' ? JSON.stringify({ ...shownAdminToken(event.data), token }) : token);
}

async function revoke(configuration: Configuration, name: string, format: Format['format']): Promise<void> {
  const events = await change(configuration, (now) => ({ type: 'RevokeAdminToken', data: { name }, now }));
  if (events.length === 0) throw new ConfigurationError(`there is no token of the name ${JSON.stringify(name)}`);
  print(format === 'json' ? JSON.stringify({ revoked: name }) : `Revoked the token of ${name}.`);
}

async function list(configuration: Configuration, format: Format['format']): Promise<void> {
  const clock = new Clock();
  const opened = await openLogForReading(configuration, { clock, applicationLog: silent(configuration) });
  try {
    const now = clock.now().toISOString();
    const tokens = (await tokensOf(opened)).filter(({ expires_at: expiresAt }) => expiresAt > now);
    if (format === 'json') return print(JSON.stringify(tokens));
    for (const { name, scope, expires_at: expiresAt } of tokens) print(`${name}  until ${expiresAt}  ${scope}`);
  } finally {
    await opened.close();
  }
}

/** What a command records; with the embedded log no authority may run meanwhile, and a log that is not there yet is made. */
async function change(
  configuration: Configuration,
  commandAt: (now: Date) => AdminTokenCommand,
): Promise<readonly AdminTokenEvent[]> {
  const clock = new Clock();
  const options = { clock, applicationLog: silent(configuration) };
  const embedded = configuration.eventStore.kind === 'sqlite';
  const opened = await (embedded ? openDataFolder(configuration, options) : openForWriting(configuration, options));
  const log = new EventLog({ ...opened, clock: () => clock.now(), newId: uuidV7 });
  try {
    const command = commandAt(clock.now());
    const by = { actor: 'hydrant', correlationId: uuidV7(clock.now()) };
    return (await decideAndAppend(log, { decider: adminToken, id: command.data.name, command, by })).events;
  } catch (error) {
    if (error instanceof DomainError) throw new ConfigurationError(error.message);
    throw error;
  } finally {
    log.close();
    await opened.close();
  }
}

/** Those that were not revoked, by name. */
async function tokensOf({ store, codec }: OpenLog): Promise<ShownAdminToken[]> {
  const tokens = new Map<string, ShownAdminToken>();
  let after: Position | undefined;
  for (;;) {
    const page = await store.readAll(after, pageSize);
    for (const stored of page) {
      if (!(stored.type in adminTokenEventSchemas)) continue;
      const event = (await codec.decode(stored)).event as AdminTokenEvent;
      if (event.type === 'AdminTokenCreated') tokens.set(event.data.name, shownAdminToken(event.data));
      else tokens.delete(event.data.name);
    }
    after = page.at(-1)?.position;
    if (after === undefined) return [...tokens.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }
}

function silent(configuration: Configuration): ApplicationLog {
  return ApplicationLog.create({ ...configuration.log, level: 'silent' });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
