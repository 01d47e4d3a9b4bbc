import { TextDecoder } from 'node:util';
import { Refusal } from '../refusal.js';

/** Longer than any row of Hydra's tables; a file without lines is not read into memory. */
const longestLine = 32 * 1024 * 1024;

/** What other files begin with that a database is backed up to. */
const otherForms: readonly (readonly [prefix: readonly number[], what: string])[] = [
  [[0x50, 0x47, 0x44, 0x4d, 0x50], "is in pg_dump's custom format: make it plain SQL with pg_restore --file"],
  [[0x1f, 0x8b], 'is compressed: unpack it first, or give it to the standard input'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'is compressed: unpack it first, or give it to the standard input'],
];

/**
 * The lines of a dump, one after the other: what is in memory is a line.
 *
 * @throws Refusal for what is no text
 */
export async function* dumpLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let [rest, isFirst] = ['', true];
  for await (const chunk of chunks) {
    if (isFirst) refuseOtherForms(chunk);
    isFirst = false;
    const lines = `${rest}${decoded(decoder, chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw new Refusal('is no plain SQL: it has a line of more than 32 MiB');
    for (const line of lines) yield withoutReturn(line);
  }
  rest += decoded(decoder);
  if (rest !== '') yield withoutReturn(rest);
}

function refuseOtherForms(chunk: Buffer): void {
  for (const [prefix, what] of otherForms) {
    if (chunk.subarray(0, prefix.length).equals(Buffer.from(prefix))) throw new Refusal(what);
  }
}

function decoded(decoder: TextDecoder, chunk?: Buffer): string {
  let text: string | undefined;
  try {
    text = chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    text = undefined;
  }
  if (text === undefined || text.includes('\0')) throw new Refusal('is no plain SQL in UTF-8');
  return text;
}

/** What a row has of these is escaped. */
function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
