/** The columns of a table as CREATE TABLE names them, one a line: INSERT without a list of columns goes by them. */
export class ColumnList {
  readonly columns: string[] = [];
  private depth = 1;

  constructor(readonly table: string) {}

  isOverAfter(line: string): boolean {
    const column = this.depth === 1 ? /^\s+(?:"([^"]+)"|(?!CONSTRAINT\b)(\w+))\s/.exec(line) : null;
    if (column !== null) this.columns.push(column[1] ?? column[2] ?? '');
    for (const [sign] of line.replaceAll(/'[^']*'/g, '').matchAll(/[()]/g)) this.depth += sign === '(' ? 1 : -1;
    return this.depth <= 0;
  }
}
