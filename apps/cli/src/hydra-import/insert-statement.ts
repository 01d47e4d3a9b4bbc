import { Refusal } from '../refusal.js';

/** A row is shorter; what is longer has a quotation mark missing. */
const longestValue = 32 * 1024 * 1024;
const words: Readonly<Record<string, string | null>> = { null: null, default: null, true: 't', false: 'f' };

/** An INSERT as pg_dump writes it, read a line at a time: its texts may have line breaks, and anything else that looks like SQL. */
export class InsertStatement {
  isOver = false;
  private values: (string | null)[] | undefined;
  private quoted: string | undefined;
  private bare = '';
  private wasQuoted: string | undefined;

  constructor(
    readonly table: string,
    readonly columns: readonly string[],
  ) {}

  /** The rows that end in this line. */
  *tuplesIn(line: string): Generator<(string | null)[]> {
    let index = this.values === undefined ? beforeRows(line) : 0;
    for (; index < line.length && !this.isOver; index += 1) {
      if (this.quoted !== undefined) index = this.goOnQuoted(line, index);
      else {
        const finished = this.read(line.charAt(index));
        if (finished !== undefined) yield finished;
      }
    }
    if (this.quoted === undefined) return;
    this.quoted += '\n';
    if (this.quoted.length > longestValue) throw new Refusal(`has a text without end in a row of ${this.table}`);
  }

  /** Goes on with a text, and answers with the last character that belongs to it. */
  private goOnQuoted(line: string, from: number): number {
    const end = line.indexOf("'", from);
    this.quoted += line.slice(from, end === -1 ? undefined : end);
    if (end === -1) return line.length;
    if (line.charAt(end + 1) === "'") {
      this.quoted += "'";
      return end + 1;
    }
    this.wasQuoted = this.quoted ?? '';
    this.quoted = undefined;
    return end;
  }

  private read(character: string): (string | null)[] | undefined {
    if (this.values === undefined) {
      if (character === '(') this.values = [];
      if (character === ';') this.isOver = true;
      return undefined;
    }
    if (character === "'") {
      if (/^e$/i.test(this.bare.trim()))
        throw new Refusal('has texts with escapes: standard_conforming_strings is off');
      this.quoted = '';
      return undefined;
    }
    if (character !== ',' && character !== ')') {
      this.bare += character;
      return undefined;
    }
    const values = this.values;
    values.push(this.value());
    if (character === ',') return undefined;
    this.values = undefined;
    return values;
  }

  private value(): string | null {
    const [text, word] = [this.wasQuoted, this.bare.trim()];
    [this.wasQuoted, this.bare] = [undefined, ''];
    if (text !== undefined) return text;
    const meant = words[word.toLowerCase()];
    return meant === undefined ? word : meant;
  }
}

/** Where rows begin in the first line of a statement, or one that goes on with rows. */
function beforeRows(line: string): number {
  const [head = ''] = /^INSERT INTO .*? VALUES\b/.exec(line) ?? [];
  return head.length;
}
