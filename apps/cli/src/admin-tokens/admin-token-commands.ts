import { Command } from 'commander';
import { Connection, type ConnectionOptions, segment, withConnection } from '../connection.js';
import { durationMs } from '../duration.js';
import { type OutputFormat, print, printJson, printTable, withFormat } from '../output.js';
import { Refusal } from '../refusal.js';

type Options = ConnectionOptions & { readonly format: OutputFormat };
type AdminToken = { readonly name: string; readonly scope: string; readonly expires_at: string };

const path = '/admin-tokens';

/** Without `--offline`: with it they are commands of the other program, which has the log (docs/adr/0005). */
export function adminTokenCommands(): Command {
  const tokens = new Command('admin-tokens').description(
    'tokens for the Admin API; with --offline on the event log itself, as for the first one',
  );
  const command = (name: string, description: string): Command =>
    withFormat(withConnection(tokens.command(name).description(description), 'admin'));
  command('create <name>', 'make a token, and print it this one time')
    .requiredOption('--scope <scopes>', 'what its holder may do, with commas in between; or all')
    .option('--expires-in <duration>', 'for how long', '2160h')
    .action(create);
  command('list', 'show the tokens that let callers in').action(list);
  command('revoke <name>', 'revoke a token').action(revoke);
  return tokens;
}

async function create(
  name: string,
  options: Options & { readonly scope: string; readonly expiresIn: string },
): Promise<void> {
  const lifeMs = durationMs(options.expiresIn);
  if (lifeMs === undefined) throw new Refusal('--expires-in must be a duration such as 720h');
  const body = { name, scope: options.scope, expires_in: Math.floor(lifeMs / 1000) };
  const { json } = await admin(options).send({ method: 'POST', path, json: body, expect: [201] });
  if (options.format === 'json') return printJson(json);
  print((json as { token: string }).token);
}

async function list(options: Options): Promise<void> {
  const { json } = await admin(options).send({ method: 'GET', path, expect: [200] });
  if (options.format === 'json') return printJson(json);
  const rows = (json as AdminToken[]).map(({ name, expires_at: expiresAt, scope }) => [name, expiresAt, scope]);
  printTable(['NAME', 'EXPIRES', 'SCOPE'], rows);
}

async function revoke(name: string, options: Options): Promise<void> {
  await admin(options).send({ method: 'DELETE', path: `${path}/${segment(name)}`, expect: [204] });
  if (options.format === 'json') return printJson({ revoked: name });
  print(`Revoked the token of ${name}.`);
}

function admin(options: Options): Connection {
  return Connection.of(options, 'admin');
}
