import { type AuthorizeParameters, parseAuthorizeParameters } from './authorize-parameters.js';

/**
 * The request as login and consent apps see it: the query unchanged, POSTed parameters merged in (D3).
 *
 * @param issuer with or without a trailing slash
 * @see oauth2-flows.md 2.3
 */
export function requestUrl(issuer: string, { rawQuery }: AuthorizeParameters): string {
  return `${issuerUrl(issuer, 'oauth2/auth')}?${rawQuery}`;
}

/** The parameters a stored `requestUrl` was made of. */
export function storedParameters(url: string): AuthorizeParameters {
  return parseAuthorizeParameters(url.slice(url.indexOf('?') + 1), undefined);
}

/** The URL of one of the issuer's own paths; a path prefix of the issuer is kept. */
export function issuerUrl(issuer: string, path: string): string {
  return `${issuer.endsWith('/') ? issuer : `${issuer}/`}${path}`;
}
