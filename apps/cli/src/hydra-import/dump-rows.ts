import { Refusal } from '../refusal.js';
import { copiedValues } from './copied-values.js';
import { ColumnList } from './column-list.js';
import { InsertStatement } from './insert-statement.js';

/** A row of a table, by columns: text as PostgreSQL writes it (`t` and `f` for what is true or false), `null` for NULL. */
export type DumpRow = { readonly table: string; readonly row: Row };
export type Row = Readonly<Record<string, string | null>>;

const name = '(?:"[^"]+"|\\w+)';
const table = `(?:${name}\\.)?(${name})`;
const copy = new RegExp(`^COPY ${table} \\((.*)\\) FROM stdin;$`);
const insert = new RegExp(`^INSERT INTO ${table}(?: \\(([^)]*)\\))?(?: OVERRIDING SYSTEM VALUE)? VALUES\\b`);
const create = new RegExp(`^CREATE (?:UNLOGGED )?TABLE ${table} \\($`);
/** What pg_dump ends with. */
const complete = /^-- PostgreSQL database (?:cluster )?dump complete$/;

/**
 * The rows of the wanted tables in what pg_dump writes: plain SQL, with COPY or with INSERT. Statements of others are passed over.
 *
 * @throws Refusal for a dump that is cut short, or none
 */
export async function* dumpRows(
  lines: AsyncIterable<string>,
  isWanted: (table: string) => boolean,
): AsyncGenerator<DumpRow> {
  const columnsOf = new Map<string, readonly string[]>();
  let [reading, isComplete]: [Reading | undefined, boolean] = [undefined, false];
  for await (const line of lines) {
    if (reading === undefined) {
      isComplete ||= complete.test(line);
      reading = beginningOf(line, columnsOf);
      if (!(reading instanceof InsertStatement)) continue;
    }
    if (reading instanceof ColumnList) {
      if (reading.isOverAfter(line)) {
        columnsOf.set(reading.table, reading.columns);
        reading = undefined;
      }
      continue;
    }
    if (reading instanceof InsertStatement) {
      for (const values of reading.tuplesIn(line)) {
        if (isWanted(reading.table)) yield rowOf(reading.table, reading.columns, values);
      }
      if (reading.isOver) reading = undefined;
      continue;
    }
    if (line === '\\.') reading = undefined;
    else if (isWanted(reading.table)) yield rowOf(reading.table, reading.columns, copiedValues(line));
  }
  if (reading !== undefined) throw new Refusal(`is cut short, in the middle of ${reading.table}`);
  if (!isComplete) throw new Refusal('is cut short, or not what pg_dump writes: its last line is missing');
}

type Reading = InsertStatement | ColumnList | { readonly table: string; readonly columns: readonly string[] };

function beginningOf(line: string, columnsOf: ReadonlyMap<string, readonly string[]>): Reading | undefined {
  const [, copied, copiedColumns] = copy.exec(line) ?? [];
  if (copied !== undefined) return { table: bare(copied), columns: listed(copiedColumns ?? '') };
  const [, created] = create.exec(line) ?? [];
  if (created !== undefined) return new ColumnList(bare(created));
  const [, inserted, named] = insert.exec(line) ?? [];
  if (inserted === undefined) return undefined;
  const columns = named === undefined ? columnsOf.get(bare(inserted)) : listed(named);
  return new InsertStatement(bare(inserted), columns ?? []);
}

function rowOf(ofTable: string, columns: readonly string[], values: readonly (string | null)[]): DumpRow {
  if (columns.length === 0) throw new Refusal(`does not name the columns of ${ofTable}: dump with --column-inserts`);
  if (values.length !== columns.length)
    throw new Refusal(`has a row of ${ofTable} that is cut short, or does not fit its columns`);
  return { table: ofTable, row: Object.fromEntries(columns.map((column, index) => [column, values[index] ?? null])) };
}

function listed(columns: string): string[] {
  return columns.split(',').map((column) => bare(column.trim()));
}

function bare(quoted: string): string {
  return quoted.replaceAll('"', '');
}
