import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** How many cases each part of admin-api.md 5 has. */
const cases: Readonly<Record<string, number>> = { C: 26, K: 23, L: 19, S: 23, T: 13 };

describe('the cases of admin-api.md 5', () => {
  const folder = import.meta.dirname;
  const specs = readdirSync(folder).filter((name) => name.endsWith('.e2e.spec.ts'));
  const titles = specs.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/\(\s*['"`]((?:[CKLST]\d+ )+)/g)].map(([, ids = '']) => ids),
  );
  const named = new Set(titles.flatMap((ids) => ids.trim().split(' ')));

  it.each(Object.entries(cases))('%s: each of the %d is named by a test', (part, count) => {
    const ids = Array.from({ length: count }, (_, index) => `${part}${index + 1}`);
    expect(ids.filter((id) => !named.has(id))).toEqual([]);
  });
});
