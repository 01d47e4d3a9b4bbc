const escapes: Record<string, string> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};
const escaped = /[<>&\u2028\u2029]/g;
const needsEscape = /[<>&\u2028\u2029]/;

/** JSON text with the escapes of Go's encoder (admin-api.md 1.4): none of the five characters can stand outside a string. */
export function goJson(value: unknown): string {
  const text = JSON.stringify(value);
  return needsEscape.test(text) ? text.replace(escaped, (character) => escapes[character]!) : text;
}
