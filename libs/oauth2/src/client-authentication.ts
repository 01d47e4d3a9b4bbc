import { type ClientRegistration } from '#libs/domain';
import { type OAuthError, oauthError } from './errors.js';
import { type PresentedAssertion, presentedAssertion } from './client-assertion.js';
import { type FormValues, decodeFormComponent, parameter, repeatedParameter } from './form-encoding.js';

/** How a client says who it is; nothing is verified yet. */
export type PresentedCredentials = PresentedSecret | PresentedAssertion;

/** The secret is `''` with the method `none`. */
export type PresentedSecret = {
  readonly method: 'client_secret_basic' | 'client_secret_post' | 'none';
  readonly clientId: string;
  readonly secret: string;
};

const credentialParameters = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type'];

/**
 * Reads the credentials of a request to the token or revocation endpoint. Complete credentials in the body count more than a Basic
 * header; both must name the same client. A client assertion stands alone.
 *
 * @throws OAuthError `invalid_request` (none at all, or malformed) | `invalid_client` (an assertion that cannot be anybody's)
 * @see RFC 6749 2.3, RFC 7521 4.2, oauth2-flows.md 3.9
 */
export function presentedCredentials({
  authorization,
  body,
}: {
  readonly authorization: string | undefined;
  readonly body: FormValues;
}): PresentedCredentials {
  const repeated = repeatedParameter(body, credentialParameters);
  if (repeated !== undefined) throw oauthError('invalid_request', `${repeated} is included more than once.`);
  if (parameter(body, 'client_assertion') !== undefined || parameter(body, 'client_assertion_type') !== undefined) {
    return presentedAssertion({ authorization, body });
  }
  const basic = basicCredentials(authorization);
  const [clientId, secret] = [parameter(body, 'client_id'), parameter(body, 'client_secret')];
  if (basic !== undefined && clientId !== undefined && clientId !== basic.clientId) {
    throw oauthError('invalid_request', 'The Authorization header and the body name different clients.');
  }
  if (clientId !== undefined && secret !== undefined) return { method: 'client_secret_post', clientId, secret };
  if (basic !== undefined) return basic;
  if (clientId !== undefined) return { method: 'none', clientId, secret: '' };
  throw oauthError('invalid_request', 'The request carries no client credentials.');
}

/**
 * Refuses a client that authenticates in another way than the one it registered.
 *
 * @throws OAuthError `invalid_client`
 * @see RFC 7591 2, oauth2-flows.md 3.9
 */
export function requireRegisteredMethod(
  { token_endpoint_auth_method: registered }: Pick<ClientRegistration, 'token_endpoint_auth_method'>,
  presented: Pick<PresentedCredentials, 'method'>,
): void {
  if (registered !== presented.method) {
    throw oauthError(
      'invalid_client',
      `The client has not registered this token_endpoint_auth_method: it used ${presented.method}, and registered ${registered}.`,
    );
  }
}

/** The one answer to clients nobody knows and to credentials that are wrong. */
export function wrongCredentials(): OAuthError {
  return oauthError('invalid_client', 'The client is unknown, or its credentials are wrong.');
}

/** Id and secret of a Basic header, each form-urlencoded (RFC 6749 2.3.1); other schemes are no credentials. */
function basicCredentials(authorization: string | undefined): PresentedSecret | undefined {
  const [scheme, token] = authorization?.trim().split(/ +/) ?? [];
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  if (token === undefined || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(token)) throw malformedHeader();
  const pair = Buffer.from(token, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon === -1) throw malformedHeader();
  const [clientId, secret] = [decodeFormComponent(pair.slice(0, colon)), decodeFormComponent(pair.slice(colon + 1))];
  if (clientId === undefined || clientId === '' || secret === undefined) throw malformedHeader();
  return { method: 'client_secret_basic', clientId, secret };
}

function malformedHeader(): OAuthError {
  return oauthError('invalid_request', 'The Authorization header is not well-formed Basic authentication.');
}
