const named: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
const escaped = /\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)/gs;

/** The values of a line between `COPY … FROM stdin;` and `\.` (PostgreSQL, COPY, text format). */
export function copiedValues(line: string): (string | null)[] {
  return line.split('\t').map((field) => {
    if (field === '\\N') return null;
    return field.includes('\\') ? field.replaceAll(escaped, unescaped) : field;
  });
}

function unescaped(_whole: string, code: string): string {
  if (/^x./.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
  if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
  return named[code] ?? code;
}
