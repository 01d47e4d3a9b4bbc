import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { firstColumn, numberedSections, readText } from '../structure/pages.js';

const sections = numberedSections(readText('docs/spec/oauth2-flows.md'));
const rows = (section: string, id: RegExp): string[] =>
  firstColumn(sections.get(section) ?? '').filter((cell) => id.test(cell));

/** Cases of what is not served yet: the response types other than `code`, CORS, TLS. */
const notServed = ['#49', '#50', '#75', '#76'];

describe('the cases of oauth2-flows.md', () => {
  const tests = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.e2e.spec.ts'))
    .map((name) => readText(join('test/oauth2', name)))
    .join('\n');
  const named = new Set(tests.match(/#\d+\b|\bD\d+\b/g));

  it('8: each is named by a test, except those of what is not served', () => {
    const ids = rows('8', /^\d+$/).map((row) => `#${row}`);
    expect(ids).toHaveLength(80);
    expect(ids.filter((id) => !named.has(id))).toEqual(notServed);
  });

  it('2.14: each deviation is named by a test', () => {
    const ids = rows('2.14', /^D\d+$/);
    expect(ids).toHaveLength(22);
    expect(ids.filter((id) => !named.has(id))).toEqual([]);
  });
});
