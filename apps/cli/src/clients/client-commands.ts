import { Command } from 'commander';
import { Connection, type ConnectionOptions, segment, withConnection } from '../connection.js';
import { type OutputFormat, note, print, printJson, printTable, withFormat } from '../output.js';
import { Refusal } from '../refusal.js';
import { importClients } from './client-import.js';
import { type ClientOptions, givenMembers, withClientOptions } from './client-options.js';

type Options = ConnectionOptions & { readonly format: OutputFormat };
type ListOptions = Options & { readonly limit: string; readonly page: string };

/** A client as the Admin API answers it. */
type Client = { readonly [member: string]: unknown; readonly client_id: string; readonly client_secret?: string };

const defaults = {
  grant_types: ['authorization_code'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_basic',
  subject_type: 'public',
};
/** More than this the authority does not list at once (admin-api.md 1.8). */
const greatestLimit = 500;
const columns = [
  'client_id',
  'client_name',
  'response_types',
  'scope',
  'redirect_uris',
  'grant_types',
  'token_endpoint_auth_method',
];

export function clientCommands(): Command {
  const clients = new Command('clients').description('manage OAuth 2.0 clients');
  const command = (name: string, description: string): Command =>
    withFormat(withConnection(clients.command(name).description(description), 'admin'));
  withClientOptions(command('create', 'create a client'), 'create').action(create);
  command('get <id>', 'show a client').action(get);
  command('list', 'list clients')
    .option('--limit <number>', 'clients on a page', '20')
    .option('--page <number>', 'the page to show', '1')
    .action(list);
  withClientOptions(command('update <id>', 'change what is given of a client, keep the rest'), 'update').action(update);
  command('delete <id...>', 'delete clients').action(remove);
  command(
    'import <file...>',
    "create clients from files: the Admin API's JSON or rows of Hydra's database, one, an array, or one a line; - is the standard input",
  ).action((files: string[], options: Options) => importClients(admin(options), files, options.format));
  return clients;
}

async function create(options: Options & ClientOptions): Promise<void> {
  warnOfSecret(options);
  const json = { ...defaults, ...givenMembers(options) };
  const { json: client } = await admin(options).send({ method: 'POST', path: '/clients', json, expect: [201] });
  if (options.format === 'json') return printJson(client);
  const { client_id: id, client_secret: secret } = client as Client;
  print(`OAuth2 client id: ${id}`);
  print(secret === undefined ? 'This OAuth2 client has no secret' : `OAuth2 client secret: ${secret}`);
}

async function get(id: string, options: Options): Promise<void> {
  const { json } = await admin(options).send({ method: 'GET', path: `/clients/${segment(id)}`, expect: [200] });
  printJson(json);
}

async function list(options: ListOptions): Promise<void> {
  const [limit, page] = [wholeNumber('--limit', options.limit), wholeNumber('--page', options.page)];
  if (limit > greatestLimit) throw new Refusal(`--limit must be ${greatestLimit} at most`); // pages would have gaps
  const path = `/clients?limit=${limit}&offset=${limit * (page - 1)}`;
  const { json } = await admin(options).send({ method: 'GET', path, expect: [200] });
  if (options.format === 'json') return printJson(json);
  const rows = (json as Client[]).map((client) => columns.map((column) => cell(client[column])));
  printTable(
    columns.map((column) => column.replaceAll('_', ' ').toUpperCase()),
    rows,
  );
}

async function update(id: string, options: Options & ClientOptions): Promise<void> {
  warnOfSecret(options);
  const connection = admin(options);
  const path = `/clients/${segment(id)}`;
  const { json: current, headers } = await connection.send({ method: 'GET', path, expect: [200] });
  if (Object.keys(givenMembers(options)).length === 0) {
    note('Nothing to change was given: the OAuth2 client is as it was.');
    if (options.format === 'json') printJson(current);
    return;
  }
  const etag = headers.get('etag');
  const { json } = await connection.send({
    ...{ method: 'PUT', path, json: { ...(current as Client), ...givenMembers(options) }, expect: [200] },
    headers: etag === null ? {} : { 'if-match': etag },
  });
  if (options.format === 'json') return printJson(json);
  print('OAuth2 client updated.');
}

async function remove(ids: readonly string[], options: Options): Promise<void> {
  const connection = admin(options);
  for (const path of ids.map((id) => `/clients/${segment(id)}`)) {
    await connection.send({ method: 'DELETE', path, expect: [204] });
  }
  if (options.format === 'json') return printJson({ deleted: ids });
  print('OAuth2 client(s) deleted.');
}

function admin(options: Options): Connection {
  return Connection.of(options, 'admin');
}

function warnOfSecret(options: ClientOptions): void {
  if (givenMembers(options)['client_secret'] === undefined) return;
  note('You should not give secrets on the command line: they may leak to shell histories and process lists.');
}

function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Refusal(`${option} must be a whole number from 1 on`);
}

function cell(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' ? value : '';
}
