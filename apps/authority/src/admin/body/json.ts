/**
 * Parses the first JSON value of a text and ignores what follows it, as Go's decoder does (admin-api.md 1.3).
 * Strings come out well-formed: a lone surrogate becomes U+FFFD.
 *
 * @throws SyntaxError when the text does not begin with a JSON value
 */
export function firstJsonValue(text: string): unknown {
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
  return JSON.parse(json, (_member, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value));
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
