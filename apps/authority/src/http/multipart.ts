import { type FormValues } from '#libs/oauth2';

/**
 * The fields of a `multipart/form-data` body by name; files are left out. It takes every boundary of RFC 2046 5.1.1: fetch's own parser
 * refuses those of less than 27 characters, which clients other than browsers send.
 *
 * @throws SyntaxError when there is no boundary, or the body does not end with it
 * @see RFC 7578
 */
export function multipartFields(body: Buffer, contentType: string): FormValues {
  const boundary = parametersOf(contentType).get('boundary') ?? '';
  if (boundary === '') throw new SyntaxError('the content type names no boundary');
  const fields = new Map<string, string[]>();
  for (const part of partsOf(body.toString('latin1'), boundary)) {
    const field = fieldOf(part);
    if (field === undefined) continue;
    const known = fields.get(field.name);
    if (known === undefined) fields.set(field.name, [field.value]);
    else known.push(field.value);
  }
  return fields;
}

/** What stands between the boundaries; a line break before one belongs to it. */
function partsOf(text: string, boundary: string): string[] {
  const escaped = boundary.replace(/[^\w]/g, '\\$&');
  const parts: string[] = [];
  let start: number | undefined;
  for (const match of text.matchAll(new RegExp(`(?:^|\\r?\\n)--${escaped}(--)?[ \\t]*(?:\\r?\\n|$)`, 'g'))) {
    if (start !== undefined) parts.push(text.slice(start, match.index));
    if (match[1] !== undefined) return parts;
    start = match.index + match[0].length;
  }
  throw new SyntaxError('the last boundary is missing');
}

function fieldOf(part: string): { readonly name: string; readonly value: string } | undefined {
  const blank = /(?:^|\n)\r?\n/.exec(part);
  if (blank === null) throw new SyntaxError('a part has no end of its header');
  const header = part.slice(0, blank.index);
  const disposition = /^content-disposition:[ \t]*form-data[ \t]*;(.*)$/im.exec(header)?.[1] ?? '';
  const parameters = parametersOf(`;${disposition}`);
  const name = parameters.get('name') ?? '';
  if (name === '' || parameters.has('filename') || parameters.has('filename*')) return undefined;
  return { name: utf8(name), value: utf8(part.slice(blank.index + blank[0].length)) };
}

/** The parameters of a header, their names in lower case (RFC 9110 5.6.6). Each begins with a `;`: nothing is looked at twice. */
function parametersOf(header: string): Map<string, string> {
  const found = header.matchAll(/;\s*([^\s;="]+)=(?:"((?:[^"\\]|\\.)*)"|([^;"\s]*))/g);
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, plain = ''] of found) {
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain);
  }
  return parameters;
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
