import { readKeyFile, uuidV4 } from '#libs/crypto';
import { Command } from 'commander';
import { Connection, type ConnectionOptions, segment, withConnection } from '../connection.js';
import { readInput } from '../input.js';
import { type OutputFormat, note, print, printJson, withFormat } from '../output.js';
import { Refusal, lineOf } from '../refusal.js';

type Options = ConnectionOptions & { readonly format: OutputFormat };
type Use = { readonly use: string };
type Jwk = ReturnType<typeof readKeyFile>[number];

const filesBetweenNotes = 100;

export function keyCommands(): Command {
  const keys = new Command('keys').description('manage JSON Web Key sets');
  const command = (name: string, description: string): Command =>
    withFormat(withConnection(keys.command(name).description(description), 'admin'));
  command('create <set> [kid]', 'generate keys and add them to a set')
    .option('-a, --alg <algorithm>', 'RS256, ES512, HS256 or HS512', 'RS256')
    .option('-u, --use <use>', 'what they are for', 'sig')
    .action(create);
  command('get <set>', 'show a set, private keys included').action(get);
  command('delete <set>', 'delete a set').action(remove);
  command('import <set> <file...>', 'add the keys of JWK, JWK set, PEM and DER files to a set; - is the standard input')
    .option('-u, --use <use>', 'what keys are for that do not say it', 'sig')
    .action(importKeys);
  return keys;
}

async function create(
  set: string,
  kid: string | undefined,
  options: Options & Use & { readonly alg: string },
): Promise<void> {
  const { alg, use } = options;
  const call = { method: 'POST', path: pathOf(set), json: { alg, use, kid: kid ?? '' }, expect: [201] } as const;
  printJson((await admin(options).send(call)).json);
}

async function get(set: string, options: Options): Promise<void> {
  printJson((await admin(options).send({ method: 'GET', path: pathOf(set), expect: [200] })).json);
}

async function remove(set: string, options: Options): Promise<void> {
  await admin(options).send({ method: 'DELETE', path: pathOf(set), expect: [204] });
  if (options.format === 'json') return printJson({ deleted: [set] });
  print('Key set deleted.');
}

/** The keys go behind those that are there: a set signs with its first private key, and goes on doing so. */
async function importKeys(set: string, files: readonly string[], options: Options & Use): Promise<void> {
  const imported = await keysOf(files, options.use);
  const connection = admin(options);
  const path = pathOf(set);
  const { status, json, headers } = await connection.send({ method: 'GET', path, expect: [200, 404] });
  const present = status === 200 ? ((json as { keys: Jwk[] | null }).keys ?? []) : [];
  const etag = status === 200 ? headers.get('etag') : null;
  const { json: stored } = await connection.send({
    ...{ method: 'PUT', path, json: { keys: [...present, ...imported] }, expect: [200] },
    headers: etag === null ? {} : { 'if-match': etag },
  });
  if (options.format === 'json') return printJson(stored);
  for (const { kid } of imported) print(`Imported JSON Web Key ${kid} into set ${set}.`);
}

async function keysOf(files: readonly string[], use: string): Promise<Jwk[]> {
  const keys: Jwk[] = [];
  for (const [index, file] of files.entries()) {
    const bytes = await readInput(file);
    try {
      keys.push(...readKeyFile(bytes, { use, newId: uuidV4 }));
    } catch (error) {
      throw new Refusal(`${file} cannot be imported: ${lineOf(error)}`);
    }
    if ((index + 1) % filesBetweenNotes === 0) note(`${index + 1} of ${files.length} files`);
  }
  return keys;
}

function admin(options: Options): Connection {
  return Connection.of(options, 'admin');
}

function pathOf(set: string): string {
  return `/keys/${segment(set)}`;
}
