import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { eventSchemas } from '#libs/domain';
import {
  everyFile,
  firstColumn,
  headings,
  inOneLine,
  numberedSections,
  pathsInTrees,
  readText,
  root,
} from './pages.js';

type Cited = { readonly file: string; readonly cited: string };

const specPages = ['admin-api', 'oauth2-flows', 'eventstoredb'];
const sectionsOf = Object.fromEntries(
  specPages.map((page) => [page, numberedSections(readText(`docs/spec/${page}.md`))]),
);
const section = (page: string, number: string): string => sectionsOf[page]?.get(number) ?? '';

const files = everyFile().map((path) => ({ path, text: inOneLine(readText(path)) }));
const outsideOf = (folder: string) => files.filter(({ path }) => !path.startsWith(folder));

/** Everything that matches, with where it stands. */
function citations(pattern: RegExp, among: typeof files = files): { file: string; match: RegExpMatchArray }[] {
  return among.flatMap(({ path, text }) => [...text.matchAll(pattern)].map((match) => ({ file: path, match })));
}

const list = (first: string, item: string): string => `${first}(?:(?:, | and | to | or )${item})*`;
const number = '\\d+(?:\\.\\d+)*';

describe('a cited section of docs/spec', () => {
  const pattern = new RegExp(`(${specPages.join('|')})\\.md (${list(number, number)}(?![\\w.]*\\d))`, 'g');
  const cited = citations(pattern).flatMap(({ file, match: [, page = '', numbers = ''] }) =>
    (numbers.match(new RegExp(number, 'g')) ?? []).map((each) => ({ file, page, number: each })),
  );

  it('is there', () => {
    expect(cited.length).toBeGreaterThan(200);
    expect(cited.filter(({ page, number: each }) => section(page, each) === '')).toEqual([]);
  });

  it('has the rule or row that is named with it', () => {
    const numbered = new RegExp(
      `(${specPages.join('|')})\\.md (${number}),? (?:rules?|numbers?) (${list('\\d+', '\\d+')})`,
      'g',
    );
    const missing: Cited[] = [];
    for (const { file, match } of citations(numbered)) {
      const [cite, page = '', within = '', rows = ''] = match;
      const text = section(page, within);
      for (const row of rows.match(/\d+/g) ?? []) {
        if (!text.includes(`\n| ${row} |`) && !text.includes(`\n${row}. `)) missing.push({ file, cited: cite });
      }
    }
    expect(missing).toEqual([]);
  });

  it('is there, too, where the pages cite themselves and each other (§)', () => {
    const missing = specPages.flatMap((page) =>
      [...readText(`docs/spec/${page}.md`).matchAll(/(?:(admin-api|oauth2-flows)(?:\.md)? )?§(\d+(?:\.\d+)*)/g)]
        .filter(([cite, of = page, each = '']) => !/RFC/.test(cite) && section(of, each) === '')
        .map(([cite]) => ({ page, cite })),
    );
    expect(missing).toEqual([]);
  });
});

describe('a cited id', () => {
  const cases = (part: string): string[] => firstColumn(section('admin-api', part));
  const known = new Set([
    ...['5.1', '5.2', '5.3', '5.4', '5.5'].flatMap(cases),
    ...firstColumn(section('oauth2-flows', '8')).map((row) => `#${row}`),
    ...firstColumn(section('oauth2-flows', '2.14')),
    ...firstColumn(section('admin-api', '1.6')).map((cell) => cell.split(' ')[0] ?? cell),
  ]);

  it.each([
    ['of a case of admin-api.md 5', /(?<![%\w])[CKLST]\d{1,2}(?!\w)/g, 104],
    ['of a case of oauth2-flows.md 8', /(?<!PKCS |&|\w)#\d{1,3}(?!\w)/g, 76],
    ['of a deviation, oauth2-flows.md 2.14', /(?<![\w\\])D\d{1,2}(?!\w)/g, 22],
    ['of an error of admin-api.md 1.6', /ERR-\d{3}(?:-[A-Z]+)?/g, 5],
  ])('%s exists there', (_what, pattern, atLeast) => {
    const cited = citations(pattern, outsideOf('docs/spec/')).map(({ file, match: [id] }) => ({ file, cited: id }));
    expect(new Set(cited.map(({ cited: id }) => id)).size).toBeGreaterThanOrEqual(atLeast);
    expect(cited.filter(({ cited: id }) => !known.has(id))).toEqual([]);
  });
});

describe('what else is cited', () => {
  it('is a heading of docs/architecture.md', () => {
    const there = headings(readText('docs/architecture.md'));
    const cited = citations(/(?<!docs\/)architecture\.md: ([^);.,`]+)/g, outsideOf('test/structure/'));
    expect(cited.length).toBeGreaterThan(0);
    expect(
      cited
        .filter(({ match: [, heading = ''] }) => !there.includes(heading.trim().toLowerCase()))
        .map(({ file, match: [cite] }) => ({ file, cited: cite })),
    ).toEqual([]);
  });

  it('is a decision of docs/adr, by its number', () => {
    const numbers = new Set(everyFile().map((path) => Number(/^docs\/adr\/(\d{4})/.exec(path)?.[1])));
    const cited = citations(/\bADR (\d+)|docs\/adr\/(\d{4})/g);
    expect(cited.filter(({ match: [, short, long] }) => !numbers.has(Number(short ?? long)))).toEqual([]);
  });

  it('is no page that stands elsewhere', () => {
    const elsewhere = citations(/\(design: [^)]*|\b(?:design|style|stack)\.md\b/g, outsideOf('test/structure/'));
    expect(elsewhere.map(({ file, match: [cite] }) => ({ file, cited: cite }))).toEqual([]);
  });
});

it('docs/architecture.md names every event type', () => {
  const page = readText('docs/architecture.md');
  expect(Object.keys(eventSchemas).filter((type) => !page.includes(`\`${type}\``))).toEqual([]);
});

describe('a path that a page names', () => {
  const pages = everyFile().filter((path) => path.endsWith('.md'));
  const isThere = (path: string): boolean => existsSync(join(root, path));

  it.each(pages)('%s: behind a link', (page) => {
    const links = [...readText(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
    const files = links.filter((target) => !/^\w+:/.test(target));
    expect(files.filter((target) => !isThere(join(page, '..', target)))).toEqual([]);
  });

  it.each(pages.filter((page) => !page.startsWith('docs/adr/')))('%s: in its text', (page) => {
    const named = [...readText(page).matchAll(/`((?:apps|libs|test|bench|demo|docs|bin)\/[\w./-]*)`/g)];
    expect(named.map(([, path = '']) => path).filter((path) => !isThere(path))).toEqual([]);
  });

  it.each([['docs/architecture.md', 40]])('%s: in its tree', (page, atLeast) => {
    const paths = pathsInTrees(readText(page));
    expect(paths.length).toBeGreaterThanOrEqual(atLeast);
    expect(paths.filter((path) => !isThere(path))).toEqual([]);
  });

  it('docs/architecture.md: none of the rooms is left out', () => {
    const rooms = ['apps/authority/src', 'libs'].flatMap((folder) =>
      readdirSync(join(root, folder), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${folder}/${name}/`),
    );
    const shown = new Set(pathsInTrees(readText('docs/architecture.md')));
    const isShown = (room: string): boolean => [...shown].some((path) => path.startsWith(room));
    expect(rooms.filter((room) => !isShown(room))).toEqual([]);
  });

  it('README.md fits a terminal, and five minutes', () => {
    const lines = readText('README.md').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(120);
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
  });
});
