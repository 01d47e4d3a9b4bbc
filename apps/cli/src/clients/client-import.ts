import { type Connection, RefusedByAuthority } from '../connection.js';
import { readInput } from '../input.js';
import { type OutputFormat, note, print } from '../output.js';
import { Refusal, lineOf } from '../refusal.js';
import { type ClientJson, clientsIn } from './client-file.js';

const clientsBetweenNotes = 100;

type Found = { readonly client: ClientJson; readonly file: string };
type Created = { readonly client_id: string; readonly client_secret?: string };

/**
 * Creates the clients of files, in order. All files are read before the first client is sent; a client the authority refuses is
 * named on stderr, and the others go on.
 *
 * @throws Refusal when a file cannot be used, the authority not be reached, or a client was refused
 */
export async function importClients(
  connection: Connection,
  files: readonly string[],
  format: OutputFormat,
): Promise<void> {
  const found = await read(files);
  let refused = 0;
  for (const [index, { client, file }] of found.entries()) {
    const created = await create(connection, client);
    if (created instanceof Refusal) {
      refused += 1;
      note(`hydrant: ${nameOf(client)} of ${file}: ${lineOf(created)}`);
    } else {
      printImported(created, { client, file }, format);
    }
    if ((index + 1) % clientsBetweenNotes === 0) note(`${index + 1} of ${found.length} clients`);
  }
  if (refused > 0) throw new Refusal(`${refused} of ${found.length} clients were not imported`);
}

async function read(files: readonly string[]): Promise<Found[]> {
  const found: Found[] = [];
  for (const file of files) {
    for (const client of clientsIn((await readInput(file)).toString(), file)) found.push({ client, file });
  }
  return found;
}

/** What the authority says to one client is no reason to keep the others out; being unable to ask is. */
async function create(connection: Connection, json: ClientJson): Promise<Created | Refusal> {
  try {
    const { json: created } = await connection.send({ method: 'POST', path: '/clients', json, expect: [201] });
    return created as Created;
  } catch (error) {
    if (error instanceof RefusedByAuthority) return error;
    throw error;
  }
}

/** Shows only secrets that nobody knew before. */
function printImported(created: Created, { client: sent, file }: Found, format: OutputFormat): void {
  const { client_id: id } = created;
  const isNew = typeof sent.client_secret !== 'string' || sent.client_secret === '';
  const secret = isNew ? created.client_secret : undefined;
  if (format === 'json') {
    print(JSON.stringify({ client_id: id, ...(secret === undefined ? {} : { client_secret: secret }), file }));
    return;
  }
  print(`Imported OAuth2 client ${id} from ${file}.`);
  if (secret !== undefined) print(`OAuth2 client secret: ${secret}`);
}

function nameOf({ client_id: id }: ClientJson): string {
  return typeof id === 'string' && id !== '' ? `client ${id}` : 'a client';
}
