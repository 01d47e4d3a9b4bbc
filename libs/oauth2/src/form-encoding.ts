/** The parameters of a query or form: every name with its values, in the order they came. */
export type FormValues = ReadonlyMap<string, readonly string[]>;

/** A decoded form as web frameworks hand it out. */
export type FormRecord = Readonly<Record<string, string | readonly string[] | undefined>>;

export function formValues(record: FormRecord): FormValues {
  const values = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(record)) {
    if (value !== undefined) values.set(name, typeof value === 'string' ? [value] : value);
  }
  return values;
}

/**
 * The value of a parameter; `undefined` when it was not sent or sent empty. A repeated one gives its first value.
 *
 * @see RFC 6749 3.1: parameters sent without a value are treated as if they were omitted
 */
export function parameter(values: FormValues, name: string): string | undefined {
  const value = values.get(name)?.[0];
  return value === '' ? undefined : value;
}

/** Which of the named parameters is there more than once (RFC 6749 3.1 and 3.2 forbid it); `undefined` when none is. */
export function repeatedParameter(values: FormValues, names: readonly string[]): string | undefined {
  return names.find((name) => (values.get(name)?.length ?? 0) > 1);
}

/** Of a request; the verifiers that call the authorization endpoint again come besides. */
const maxParameters = 256;
const maxVerifiers = 2;

/**
 * Reads `application/x-www-form-urlencoded`. Only `&` separates. It ends at the first pair that is not decodable (stray `%`, not
 * UTF-8) or is one too many, and sets `malformed`.
 */
export function parseQuery(raw: string): { readonly values: FormValues; readonly malformed: boolean } {
  const values = new Map<string, string[]>();
  let count = 0;
  for (let start = 0; start < raw.length;) {
    const next = raw.indexOf('&', start);
    const end = next === -1 ? raw.length : next;
    const pair = raw.slice(start, end);
    start = end + 1;
    if (pair === '') continue;
    const [name, value] = decodePair(pair);
    count += 1;
    if (name === undefined || value === undefined || count > maxParameters + maxVerifiers) {
      return { values, malformed: true };
    }
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return { values, malformed: false };
}

/** Decodes one name or value: `+` is a space, `%XX` a UTF-8 byte. `undefined` when it is malformed. */
export function decodeFormComponent(text: string): string | undefined {
  if (!/[+%]/.test(text)) return text; // as tokens are
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** Writes a form as Go's `url.Values.Encode` does: sorted by name, repeated values in their order, spaces as `+`. */
export function encodeForm(values: FormValues): string {
  return [...values]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, items]) => items.map((item) => `${queryEscape(name)}=${queryEscape(item)}`))
    .join('&');
}

/**
 * Sets parameters in the query of a URL and writes it anew, sorted; the fragment is kept. This is how `redirect_to` is built.
 *
 * @see admin-api.md 3.7
 */
export function withParameters(url: string, parameters: Readonly<Record<string, string>>): string {
  const { base, query, fragment } = splitQuery(url);
  const values = new Map(parseQuery(query).values);
  for (const [name, value] of Object.entries(parameters)) values.set(name, [value]);
  return `${base}?${encodeForm(values)}${fragment}`;
}

/**
 * Adds parameters to a client's redirect URI. Its own query stays byte for byte, as RFC 6749 3.1.2 wants, but for parameters of
 * the names that are added.
 */
export function appendParameters(
  url: string,
  parameters: Readonly<Record<string, string>>,
  space: '+' | '%20' = '+',
): string {
  const { base, query, fragment } = splitQuery(url);
  const kept = query.split('&').filter((pair) => {
    const [name] = decodePair(pair);
    return pair !== '' && (name === undefined || !Object.hasOwn(parameters, name));
  });
  const added = encodeForm(formValues(parameters)).replaceAll('+', space);
  return `${base}?${[...kept, added].join('&')}${fragment}`;
}

/**
 * Where the browser is sent with a code: members in alphabetical order, spaces as `%20`. `iss` says who answers, so that no answer
 * passes for that of another authority.
 *
 * @see RFC 6749 4.1.2, RFC 9207 2, oauth2-flows.md 1.2.4
 */
export function successRedirect(
  redirectUri: string,
  {
    code,
    scope,
    state,
    issuer,
  }: { readonly code: string; readonly scope: readonly string[]; readonly state: string; readonly issuer: string },
): string {
  return appendParameters(redirectUri, { code, scope: scope.join(' '), state, iss: issuer }, '%20');
}

/** Go's `url.QueryEscape`: all but `A-Za-z0-9-_.~` as UTF-8 in upper-case hex, a space as `+`. */
function queryEscape(text: string): string {
  const wellFormed = text.replace(/[\uD800-\uDFFF]/gu, '\uFFFD'); // lone surrogates have no UTF-8
  return encodeURIComponent(wellFormed)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function decodePair(pair: string): [string | undefined, string | undefined] {
  const equals = pair.indexOf('=');
  if (equals === -1) return [decodeFormComponent(pair), ''];
  return [decodeFormComponent(pair.slice(0, equals)), decodeFormComponent(pair.slice(equals + 1))];
}

function splitQuery(url: string): { base: string; query: string; fragment: string } {
  const hash = url.indexOf('#');
  const [address, fragment] = hash === -1 ? [url, ''] : [url.slice(0, hash), url.slice(hash)];
  const mark = address.indexOf('?');
  if (mark === -1) return { base: address, query: '', fragment };
  return { base: address.slice(0, mark), query: address.slice(mark + 1), fragment };
}
