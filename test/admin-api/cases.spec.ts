import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { firstColumn, numberedSections, readText } from '../structure/pages.js';

const sections = numberedSections(readText('docs/spec/admin-api.md'));

describe('the cases of admin-api.md 5', () => {
  const folder = import.meta.dirname;
  const specs = readdirSync(folder).filter((name) => name.endsWith('.e2e.spec.ts'));
  const titles = specs.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/\(\s*['"`]((?:[CKLST]\d+ )+)/g)].map(([, ids = '']) => ids),
  );
  const named = new Set(titles.flatMap((ids) => ids.trim().split(' ')));

  it.each([
    ['5.1', 26],
    ['5.2', 23],
    ['5.3', 19],
    ['5.4', 23],
    ['5.5', 13],
  ])('%s: each of the %d is named by a test', (part, count) => {
    const ids = firstColumn(sections.get(part) ?? '').filter((cell) => /^[CKLST]\d+$/.test(cell));
    expect(ids).toHaveLength(count);
    expect(ids.filter((id) => !named.has(id))).toEqual([]);
  });
});
