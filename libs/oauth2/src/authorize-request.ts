import { type AuthorizationRequest, type ClientRegistration } from '#libs/domain';
import { allowedAudience } from './audience.js';
import {
  type AuthorizeParameters,
  listParameter,
  maxAgeParameter,
  repeatedAuthorizeParameter,
} from './authorize-parameters.js';
import { OAuthError, oauthError } from './errors.js';
import { type FormValues, parameter, repeatedParameter } from './form-encoding.js';
import { resolveRedirectUri } from './redirect-uri.js';
import { type ScopeStrategy, allowedScope, distinct, splitScope } from './scope-strategy.js';

type AuthorizeCall = {
  readonly parameters: AuthorizeParameters;
  /** The client `client_id` names, `undefined` when there is none. */
  readonly client: { readonly clientId: string; readonly registration: ClientRegistration } | undefined;
  readonly config: { readonly scopeStrategy: ScopeStrategy; readonly pkceEnforcedFor: PkceEnforcement };
};

/** Whose requests for a code need a `code_challenge`; `public`: of clients without a secret. */
export type PkceEnforcement = 'nobody' | 'public' | 'all';

export type ValidAuthorizeRequest = {
  readonly request: AuthorizationRequest;
  readonly state: string;
  readonly nonce: string | null;
  /** As `request.maxAge`, but says when it is not an integer; `decideLogin` reports that. */
  readonly maxAge: number | 'invalid' | null;
};

export type AuthorizeValidation =
  | ({ readonly ok: true } & ValidAuthorizeRequest)
  | {
      readonly ok: false;
      readonly error: OAuthError;
      /** Where the error goes; `undefined` while no redirect URI is trusted: to the error page. */
      readonly redirectTo: string | undefined;
      /** As sent, `undefined` when it was not (D20). */
      readonly state: string | undefined;
    };

const leastStateLength = 8;
/** Of `state` and `nonce`: clients have held whole JWTs in them. */
const maxOpaqueLength = 2_048;

/**
 * Validates a call of the authorization endpoint against the client as it is now, in the order that decides where an error goes.
 *
 * @see oauth2-flows.md 1.2.1
 */
export function validateAuthorizeRequest(call: AuthorizeCall): AuthorizeValidation {
  const { values } = call.parameters;
  let redirectTo: string | undefined;
  try {
    const registration = identifiedClient(call);
    redirectTo = resolveRedirectUri(registration, parameter(values, 'redirect_uri'));
    return { ok: true, ...validRequest(call, registration, redirectTo) };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const states = values.get('state') ?? [];
    return { ok: false, error, redirectTo, state: states.length === 1 ? states[0] : undefined };
  }
}

/** Numbers 1 to 3 of the order; whatever fails here is shown on the error page. */
function identifiedClient({ parameters, client }: AuthorizeCall): ClientRegistration {
  const { values, malformed } = parameters;
  if (malformed) throw oauthError('invalid_request', 'The parameters are not urlencoded UTF-8, or too many.');
  const repeated = repeatedParameter(values, ['client_id', 'redirect_uri']);
  if (repeated !== undefined) throw oauthError('invalid_request', `${repeated} is included more than once.`);
  if (client === undefined || client.clientId !== parameter(values, 'client_id')) {
    throw oauthError('invalid_client', 'There is no client with this client_id.');
  }
  const openId = (values.get('scope') ?? []).some((scope) => splitScope(scope).includes('openid'));
  if (openId && parameter(values, 'request') !== undefined) throw oauthError('request_not_supported');
  if (openId && parameter(values, 'request_uri') !== undefined) throw oauthError('request_uri_not_supported');
  return client.registration;
}

/** Numbers 5 to 9 of the order, and whether a challenge is needed (RFC 7636 4.4.1); whatever fails here goes to the client. */
function validRequest(
  { parameters, config }: AuthorizeCall,
  registration: ClientRegistration,
  redirectUri: string,
): ValidAuthorizeRequest {
  const { values } = parameters;
  const repeated = repeatedAuthorizeParameter(parameters);
  if (repeated !== undefined) throw oauthError('invalid_request', `${repeated} is included more than once.`);
  allowedScope(listParameter(values, 'scope'), registration, config.scopeStrategy);
  allowedAudience(listParameter(values, 'audience'), registration);
  if (parameter(values, 'registration') !== undefined) throw oauthError('registration_not_supported');
  refuseResponseType(parameter(values, 'response_type') ?? '', registration);
  const valid = understoodRequest(values, redirectUri);
  const isPublic = registration.token_endpoint_auth_method === 'none';
  const needsChallenge = config.pkceEnforcedFor === 'all' || (config.pkceEnforcedFor === 'public' && isPublic);
  if (needsChallenge && valid.request.codeChallenge === null)
    throw oauthError('invalid_request', 'The request needs a code_challenge, with the method S256.');
  if (valid.state.length < leastStateLength) throw oauthError('invalid_state');
  return valid;
}

/** What parameters ask for, once `validateAuthorizeRequest` has said that they may. @param redirectUri what it resolved */
export function understoodRequest(values: FormValues, redirectUri: string): ValidAuthorizeRequest {
  const maxAge = maxAgeParameter(values);
  const request: AuthorizationRequest = {
    redirectUri,
    redirectUriSent: parameter(values, 'redirect_uri') !== undefined,
    responseTypes: listParameter(values, 'response_type'),
    scope: distinct(listParameter(values, 'scope')),
    audience: distinct(listParameter(values, 'audience')),
    prompt: listParameter(values, 'prompt'),
    maxAge: maxAge === 'invalid' ? null : maxAge,
    acrValues: listParameter(values, 'acr_values'),
    codeChallenge: parameter(values, 'code_challenge') ?? null,
  };
  const state = values.get('state')?.[0] ?? '';
  return { request, state, nonce: parameter(values, 'nonce') ?? null, maxAge };
}

/**
 * Refuses what a login challenge is not to carry, before anything else is looked at: whoever sends it is shown the error page.
 *
 * @throws OAuthError `invalid_request`
 */
export function refuseLongValues({ values }: AuthorizeParameters): void {
  for (const name of ['state', 'nonce']) {
    if (values.get(name)?.some((value) => value.length > maxOpaqueLength) !== true) continue;
    throw oauthError('invalid_request', `${name} has more than ${maxOpaqueLength} characters.`);
  }
}

/** Registered, in whatever order, and one we implement: the code flow only (RFC 6749 3.1.1). */
function refuseResponseType(sent: string, { response_types: registered }: ClientRegistration): void {
  const requested = splitScope(sent);
  const known = (registered.length === 0 ? ['code'] : registered).map((entry) => splitScope(entry));
  const isRegistered = known.some((entry) => entry.toSorted().join(' ') === requested.toSorted().join(' '));
  if (!isRegistered) throw oauthError('unsupported_response_type', 'The client has not registered this response_type.');
  if (requested.join(' ') !== 'code') {
    throw oauthError('unsupported_response_type', 'This server supports the response_type "code".');
  }
}
