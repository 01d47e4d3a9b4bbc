import { type Command, Option } from 'commander';

/** `text` is for people and as Hydra prints it, `json` for programs: one JSON value on stdout. */
export type OutputFormat = 'text' | 'json';

export function withFormat(command: Command): Command {
  return command.addOption(
    new Option('--format <format>', 'how to print the result').choices(['text', 'json']).default('text'),
  );
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** To stderr: what happens meanwhile, and what does not belong to the result. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Indented as Hydra indents it. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, '\t'));
}

/** Columns as wide as their longest cell. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of [header, ...rows]) {
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}
