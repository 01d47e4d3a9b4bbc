import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

const written = ['apps', 'libs', 'test', 'bench', 'demo', 'bin', 'docs'];
const isText = (path: string): boolean => /\.(ts|mjs|md)$/.test(path);

/** Every source, test and page of the repository, by its path from the root. */
export function everyFile(): string[] {
  const below = written.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  );
  const beside = readdirSync(root).filter((name) => isText(name));
  return [...below.filter(isText), ...beside].sort();
}

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The text of a file as one line: a citation may go on in the next line of a comment. */
export function inOneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, ' ');
}

/** The sections of a page of `docs/spec` by their numbers. */
export function numberedSections(page: string): ReadonlyMap<string, string> {
  const parts = page.split(/^(?=#{2,4} \d)/m).slice(1);
  return new Map(parts.map((part) => [/^#+ ([\d.]+?)\.? /.exec(part)?.[1] ?? part, part]));
}

/** What stands in the first column of the tables of a section. */
export function firstColumn(section: string): string[] {
  return [...section.matchAll(/^\| ([^|]+?) +\|/gm)].map(([, cell = '']) => cell);
}
