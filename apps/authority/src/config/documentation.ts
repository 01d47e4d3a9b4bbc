import { type Variable, variableGroups } from './variables.js';

const head = `# Configuration

Environment variables, read once at the start; an empty value counts as not set. Where Hydra has a name for a setting it is Hydra's;
the legacy names work too, each with one line of warning. A value that cannot be used stops the start with one line that names the
variable. Durations are written as in Go (\`1h30m\`, \`720h\`, \`250ms\`), lists with commas or spaces.
What is "refused" asks for a feature that is not there; saying \`false\` or \`0\` to it is fine.

This page is written by \`npm run docs:configuration\`, from the table that reading goes by (\`apps/authority/src/config/variables.ts\`).
`;

/** `docs/configuration.md`, as prettier would leave it. */
export function configurationPage(): string {
  const sections = Object.entries(variableGroups).map(
    ([title, group]) => `## ${title}\n\n${table(Object.entries<Variable>(group))}`,
  );
  return [head, ...sections].join('\n');
}

function table(group: readonly [name: string, variable: Variable][]): string {
  const rows = group.map(([name, variable]) => [code(name), names(variable), otherwise(variable), meaning(variable)]);
  const header = ['variable', 'legacy names', 'default', 'meaning'];
  const widths = header.map((title, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]!.length), title.length),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |\n`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('');
}

const code = (text: string): string => `\`${text}\``;

const names = ({ legacy = [] }: Variable): string => legacy.map(code).join(', ');

function otherwise({ default: text, unset = '' }: Variable): string {
  return text === undefined ? unset : code(text);
}

function meaning({ meaning: what = '', choices = [], refused }: Variable): string {
  if (refused !== undefined) return `refused: ${refused}`;
  return choices.length === 0 ? what : `${what}: ${choices.map(code).join(', ')}`;
}
