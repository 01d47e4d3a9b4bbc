/**
 * The parts of a URI with an authority. Nothing is normalised but the scheme's case: comparisons are of what was written, unlike
 * the browser's `URL`, which drops default ports and lower-cases hosts.
 */
type HierarchicalUri = {
  /** In lower case, without the colon. */
  readonly scheme: string;
  /** User info before the `@`, `undefined` when there is none. */
  readonly userInfo: string | undefined;
  /** Host with its port, if any. */
  readonly host: string;
  /** Empty or with a leading slash. */
  readonly path: string;
  /** With its `?`; `undefined` when there is none. */
  readonly query: string | undefined;
  /** With its `#`; `undefined` when there is none. */
  readonly fragment: string | undefined;
};

const hierarchical = /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#@]*)@)?([^/?#@]+)(\/[^?#]*)?(\?[^#]*)?(#.*)?$/i;
const neverInUri = /[\s<>"\\^`{|}\p{Cc}]|%(?![0-9a-f]{2})/iu;

/** Splits `scheme://host/path?query#fragment` (RFC 3986 3); `undefined` when it is malformed or has no host. */
export function splitUri(uri: string): HierarchicalUri | undefined {
  if (isMalformedUri(uri)) return undefined;
  const match = hierarchical.exec(uri);
  const [, scheme, userInfo, host, path, query, fragment] = match ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  return { scheme: scheme.toLowerCase(), userInfo, host, path: path ?? '', query, fragment };
}

/** Whether a text holds what no URI reference may hold: blanks, control characters, a stray `%` (RFC 3986 2). */
export function isMalformedUri(uri: string): boolean {
  return neverInUri.test(uri);
}
