import { describe, expect, it } from '@jest/globals';
import { dumpLines } from './dump-lines.js';
import { type DumpRow, dumpRows } from './dump-rows.js';

const end = '--\n-- PostgreSQL database dump complete\n--\n';

/** In pieces of this many bytes, as they may come from a file. */
async function* inPieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += length) yield bytes.subarray(from, from + length);
}

async function rowsIn(dump: string | Buffer, pieces = 7): Promise<DumpRow[]> {
  const found: DumpRow[] = [];
  const lines = dumpLines(inPieces(Buffer.from(dump), pieces));
  for await (const row of dumpRows(lines, (table) => table === 'hydra_client')) found.push(row);
  return found;
}

describe('rows of a dump', () => {
  it.each([1, 2, 3, 1000])('come out of COPY, whatever their values, in pieces of %d bytes', async (pieces) => {
    const dump =
      "SET client_encoding = 'UTF8';\n\nCOPY public.other (id) FROM stdin;\nCOPY public.hydra_client (id) FROM stdin;\n\\.\n" +
      'COPY public.hydra_client (id, "owner", client_name, empty) FROM stdin;\n' +
      'a\t\\N\ttab \\t line \\n back \\\\ \\x41\\102 ü\t\n\\\\N\tx\t\\\\.\ty\n\\.\n' +
      `COPY public.hydra_client_two (id) FROM stdin;\nz\n\\.\n${end}`;
    expect(await rowsIn(dump, pieces)).toEqual([
      { table: 'hydra_client', row: { id: 'a', owner: null, client_name: 'tab \t line \n back \\ AB ü', empty: '' } },
      { table: 'hydra_client', row: { id: '\\N', owner: 'x', client_name: '\\.', empty: 'y' } },
    ]);
  });

  it('come out of INSERT, by the columns of CREATE TABLE', async () => {
    const dump =
      'CREATE TABLE public.hydra_client (\n    id character varying(255) NOT NULL,\n    "owner" text,\n' +
      '    until timestamp GENERATED ALWAYS AS (\nCASE\n    WHEN (n > 0) THEN 1\nEND) STORED,\n    n integer,\n' +
      "    CONSTRAINT c CHECK (((id)::text <> 'x)'::text))\n);\n" +
      "INSERT INTO public.hydra_client VALUES ('it''s', NULL, DEFAULT, -5);\n" +
      "INSERT INTO public.hydra_client VALUES\n\t('one;\n\nINSERT INTO public.hydra_client VALUES (''no'');\nCOPY public.hydra_client (id) FROM stdin;', '(', true, 1),\n" +
      `\t('', ')', false, 2);\nINSERT INTO other VALUES (1);\n${end}`;
    expect((await rowsIn(dump)).map(({ row }) => row)).toEqual([
      { id: "it's", owner: null, until: null, n: '-5' },
      {
        id: "one;\n\nINSERT INTO public.hydra_client VALUES ('no');\nCOPY public.hydra_client (id) FROM stdin;",
        ...{ owner: '(', until: 't', n: '1' },
      },
      { id: '', owner: ')', until: 'f', n: '2' },
    ]);
  });

  it('come out of INSERT that names its columns', async () => {
    const dump = `INSERT INTO hydra_client (id, "owner") VALUES ('a', 'b') ON CONFLICT DO NOTHING;\r\n${end}`;
    expect((await rowsIn(dump)).map(({ row }) => row)).toEqual([{ id: 'a', owner: 'b' }]);
  });

  it.each([
    [
      'cut in a table',
      'COPY public.hydra_client (id) FROM stdin;\na\nb',
      'is cut short, in the middle of hydra_client',
    ],
    ['cut in a text', "INSERT INTO hydra_client (id) VALUES ('a", 'is cut short, in the middle of hydra_client'],
    ['cut between tables', 'COPY public.hydra_client (id) FROM stdin;\na\n\\.\n', 'its last line is missing'],
    ['that is empty', '', 'its last line is missing'],
    ['whose end is a value', `COPY public.x (id) FROM stdin;\n${end}`, 'is cut short, in the middle of x'],
    [
      'with a row too short',
      `COPY public.hydra_client (id, b) FROM stdin;\na\n\\.\n${end}`,
      'does not fit its columns',
    ],
    ['without columns', `INSERT INTO hydra_client VALUES (1);\n${end}`, '--column-inserts'],
    ['with escapes', `INSERT INTO hydra_client (id) VALUES (E'a\\'b');\n${end}`, 'standard_conforming_strings'],
    ['in the custom format', 'PGDMP\x01\x0e', 'pg_restore'],
    ['that is compressed', Buffer.of(0x1f, 0x8b, 8, 0), 'is compressed'],
    ['that is no text', Buffer.of(0x20, 0xff, 0xfe, 0x0a), 'is no plain SQL'],
    ['with zeros in it', 'a\0b', 'is no plain SQL'],
  ])('do not come out of a dump %s', async (_what, dump, reason) => {
    await expect(rowsIn(dump, 1000)).rejects.toThrow(reason);
  });
});
