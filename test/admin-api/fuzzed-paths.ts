import fc from 'fast-check';
import { anyText, seconds } from './fuzzed-bodies.js';

/** A path segment: mostly a name that may exist, sometimes anything. */
export function segment(names: readonly string[]): fc.Arbitrary<string> {
  const encoded = (name: string): string => encodeURIComponent(name.toWellFormed());
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...names).map(encoded) },
    { weight: 2, arbitrary: anyText.map(encoded) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '%zz',
        '%',
        '%00',
        '%ff',
        '%2F',
        '..',
        '.',
        ';',
        "'",
        '*',
        'x'.repeat(2000),
        '%F0%9F%98%80',
      ),
    },
  );
}

/** Queries of lists at the paths of rc.8. */
export const queries = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  {
    weight: 4,
    arbitrary: fc.tuple(seconds, seconds).map(([limit, offset]) => `?limit=${String(limit)}&offset=${String(offset)}`),
  },
  { weight: 1, arbitrary: fc.webQueryParameters().map((query) => `?${query}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('?limit=&limit=2', '?limit[]=1', '?__proto__=1', '?%zz', '?&&=', '?limit=0'),
  },
);

/** A path or URL of fixed and drawn parts. */
export function path(texts: TemplateStringsArray, ...segments: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.tuple(...segments).map((values) => texts.map((text, index) => `${text}${values[index] ?? ''}`).join(''));
}

/** The place in a list as a `page_token` has it, and what is none. */
const pageTokens = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('0', '1', '7', 'client-3', 'zz', '-1')
      .map((place) => Buffer.from(place).toString('base64url')),
  },
  { weight: 1, arbitrary: fc.constantFrom('', '!', 'MA==', 'gICA', '%00') },
  { weight: 1, arbitrary: anyText.map((text) => encodeURIComponent(text.toWellFormed())) },
);
const pageSizes = fc.oneof(
  { weight: 3, arbitrary: fc.nat({ max: 600 }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('', '0', '-1', '1.5', 'x', '9'.repeat(30)) },
);

/** Queries of lists below `/admin`. */
export const laterQueries = fc.oneof(
  { weight: 2, arbitrary: queries },
  { weight: 4, arbitrary: path`?page_size=${pageSizes}&page_token=${pageTokens}` },
  { weight: 2, arbitrary: path`?owner=${segment(['me', 'x'])}&client_name=${segment(['x'])}&page_size=${pageSizes}` },
);

/** A query that names something, mostly as it should be. */
export function named(names: readonly string[], value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const name = fc.constantFrom(...names);
  return fc.oneof(
    { weight: 20, arbitrary: path`?${name}=${value}` },
    { weight: 1, arbitrary: path`?${name}=${value}&${name}=${value}` },
    { weight: 1, arbitrary: path`?${name}[]=${value}` },
    { weight: 1, arbitrary: path`?${name}=&x=${value}` },
    { weight: 1, arbitrary: fc.constantFrom('', '?', '?challenge', '?%zz', '?__proto__=1') },
  );
}

export function joined([first, second]: readonly [string, string]): string {
  return `${first}${second}`;
}
