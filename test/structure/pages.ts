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

/** The headings of a page in Markdown, without their marks. */
export function headings(page: string): string[] {
  return [...page.matchAll(/^#{1,4} (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase());
}

/** The paths of the trees in a page: blocks of `text` in which a deeper indent is a deeper folder, and two spaces end a name. */
export function pathsInTrees(page: string): string[] {
  const trees = [...page.matchAll(/^```text\n((?:[\w-]+\/)+[^]*?)^```$/gm)];
  return trees.flatMap(([, tree = '']) => pathsInTree(tree.trimEnd().split('\n')));
}

function pathsInTree(lines: readonly string[]): string[] {
  const above: { readonly indent: number; readonly path: string }[] = [];
  return lines.flatMap((line) => {
    const indent = line.length - line.trimStart().length;
    while ((above.at(-1)?.indent ?? -1) >= indent) above.pop();
    const isName = (text: string): boolean => /^[\w.-]+(?:\/[\w.-]+)*\/?$/.test(text) && /[./]/.test(text);
    const names = line.trim().split(/ {2,}/).filter(isName);
    const paths = names.map((name) => join(above.at(-1)?.path ?? '', name));
    above.push({ indent, path: paths[0] ?? '' });
    return paths;
  });
}
