/** Far above what people write, and far below what `JSON.stringify` can do on whatever stack it is called later. */
const maxLevels = 200;

/**
 * Parses the first JSON value of a text and ignores what follows it, as Go's decoder does (admin-api.md 1.3).
 * Strings and member names come out well-formed: a lone surrogate becomes U+FFFD.
 *
 * @throws SyntaxError when the text does not begin with a JSON value
 * @throws RangeError when it is nested too deep: once stored, such a value would be one that nothing can write out again
 */
export function firstJsonValue(text: string): unknown {
  if (text.length > maxLevels && levels(text) > maxLevels)
    throw new RangeError(`the body is nested more than ${maxLevels} levels deep`);
  const parse = /\\u[dD][89a-fA-F]/.test(text) ? parseWellFormed : (json: string): unknown => JSON.parse(json);
  try {
    return parse(text);
  } catch (error) {
    const end = endOfFirstValue(text);
    if (end === undefined || text.slice(end).trim() === '') throw error;
    return parse(text.slice(0, end));
  }
}

function parseWellFormed(json: string): unknown {
  return JSON.parse(json, (_member, value: unknown) => {
    if (typeof value === 'string') return value.toWellFormed();
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toWellFormed(), member]));
  });
}

/** How deep arrays and objects are nested, at most. */
function levels(text: string): number {
  let [level, deepest] = [0, 0];
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') index = endOfString(text, index);
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++level);
    else if (character === '}' || character === ']') level--;
  }
  return deepest;
}

/**
 * A member that an object has twice, which `JSON.parse` does not tell. Looks at the objects reached by the members `within`, in any case,
 * and at no others: `['keys']` are the keys of a set, `[]` is the value itself.
 *
 * @param text begins with a JSON value
 */
export function duplicateMember(text: string, within: readonly string[]): string | undefined {
  const levels: { readonly path: string; readonly names: Set<string> | undefined }[] = [];
  const sought = within.map((member) => `/${member}`).join('');
  let name = '';
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    const level = levels.at(-1);
    if (character === '{' || character === '[') {
      const path = level === undefined ? '' : level.names === undefined ? level.path : `${level.path}/${name}`;
      levels.push({ path, names: character === '{' ? new Set() : undefined });
    } else if (character === '}' || character === ']') {
      levels.pop();
      if (levels.length === 0) return undefined;
    } else if (character === '"') {
      const end = endOfString(text, index);
      if (level?.names !== undefined && colonAfter(text, end)) {
        const exact = JSON.parse(text.slice(index, end + 1)) as string;
        if (level.path === sought && level.names.has(exact)) return exact;
        level.names.add(exact);
        name = exact.toLowerCase().replaceAll('/', '\\');
      }
      index = end;
    }
  }
  return undefined;
}

function colonAfter(text: string, end: number): boolean {
  const colon = /\s*:/y;
  colon.lastIndex = end + 1;
  return colon.test(text);
}

/** The index after the first value, `undefined` when it never ends. Good enough for text that `JSON.parse` checks afterwards. */
function endOfFirstValue(text: string): number | undefined {
  const start = text.search(/\S/);
  if (start < 0) return undefined;
  const scalar = /^(?:"(?:[^"\\]|\\.)*"|[^\s[\]{},:"]+)/s.exec(text.slice(start));
  if (scalar !== null) return start + scalar[0].length;
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (character === '"') index = endOfString(text, index);
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return index + 1;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text[index] === '"') return index;
  }
  return text.length;
}
