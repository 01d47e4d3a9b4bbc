import { type Rejection } from '#libs/domain';
import { appendParameters, withParameters } from './form-encoding.js';

/** How one error code is answered: HTTP status where it is not a redirect, what the client is told, and the clause it is from. */
type ErrorEntry = { readonly status: number; readonly description: string; readonly reference: string };

/** The error catalogue (oauth2-flows.md 1.14). Adding an error is adding a row. */
export const oauthErrors = {
  invalid_request: {
    status: 400,
    description: 'The request lacks a required parameter, repeats one, or has an invalid or malformed value.',
    reference: 'RFC 6749 4.1.2.1, 5.2',
  },
  unauthorized_client: {
    status: 400,
    description: 'The client may not use this way of requesting authorization.',
    reference: 'RFC 6749 4.1.2.1, 5.2',
  },
  access_denied: {
    status: 403,
    description: 'The resource owner or the authorization server refused the request.',
    reference: 'RFC 6749 4.1.2.1',
  },
  unsupported_response_type: {
    status: 400,
    description: 'The response type is not available to this client.',
    reference: 'RFC 6749 4.1.2.1',
  },
  invalid_scope: {
    status: 400,
    description: 'The requested scope is unknown, malformed, or more than the client may ask for.',
    reference: 'RFC 6749 4.1.2.1, 5.2',
  },
  server_error: {
    status: 500,
    description: 'The authorization server met an unexpected condition and could not answer the request.',
    reference: 'RFC 6749 4.1.2.1',
  },
  temporarily_unavailable: {
    status: 503,
    description: 'The authorization server cannot answer at the moment; try again later.',
    reference: 'RFC 6749 4.1.2.1',
  },
  unsupported_grant_type: {
    status: 400,
    description: 'The authorization server does not know this grant type.',
    reference: 'RFC 6749 5.2',
  },
  invalid_grant: {
    status: 400,
    description: 'The authorization grant or refresh token is invalid, expired, revoked, or not meant for this client.',
    reference: 'RFC 6749 5.2',
  },
  invalid_client: { status: 401, description: 'The client could not be authenticated.', reference: 'RFC 6749 5.2' },
  invalid_state: {
    status: 400,
    description: 'The state parameter is missing or shorter than 8 characters.',
    reference: 'oauth2-flows.md 1.2.1',
  },
  insufficient_entropy: {
    status: 400,
    description: 'A value that must be hard to guess is too short.',
    reference: 'oauth2-flows.md 1.2.2',
  },
  misconfiguration: {
    status: 500,
    description: 'The authorization server is not configured to answer this request.',
    reference: 'oauth2-flows.md 1.14',
  },
  request_unauthorized: {
    status: 401,
    description: 'The request could not be authorized.',
    reference: 'oauth2-flows.md 1.5, 2.5',
  },
  request_forbidden: { status: 403, description: 'The request is not allowed.', reference: 'oauth2-flows.md 2.5' },
  token_expired: { status: 401, description: 'The token has expired.', reference: 'oauth2-flows.md 1.5' },
  token_inactive: { status: 401, description: 'The token is not active.', reference: 'oauth2-flows.md 1.14' },
  scope_not_granted: {
    status: 403,
    description: 'The token was not granted the scope this needs.',
    reference: 'oauth2-flows.md 3.4',
  },
  insufficient_scope: {
    status: 403,
    description: 'The request needs more than the access token gives.',
    reference: 'RFC 6750 3.1',
  },
  invalid_token: { status: 400, description: 'The token is malformed.', reference: 'oauth2-flows.md 1.14' },
  token_signature_mismatch: {
    status: 400,
    description: 'The signature of the token does not match.',
    reference: 'oauth2-flows.md 1.14',
  },
  token_claim: { status: 401, description: 'A claim of the token is not valid.', reference: 'oauth2-flows.md 1.14' },
  login_required: {
    status: 400,
    description: 'The end-user has to log in.',
    reference: 'OpenID Connect Core 1.0 3.1.2.6',
  },
  consent_required: {
    status: 400,
    description: 'The end-user has to consent.',
    reference: 'OpenID Connect Core 1.0 3.1.2.6',
  },
  interaction_required: {
    status: 400,
    description: 'The end-user has to interact with the authorization server.',
    reference: 'OpenID Connect Core 1.0 3.1.2.6',
  },
  registration_not_supported: {
    status: 400,
    description: 'The registration parameter is not supported.',
    reference: 'OpenID Connect Core 1.0 3.1.2.6',
  },
  request_not_supported: {
    status: 400,
    description: 'The request parameter is not supported.',
    reference: 'OpenID Connect Core 1.0 3.1.2.6',
  },
  request_uri_not_supported: {
    status: 400,
    description: 'The request_uri parameter is not supported.',
    reference: 'OpenID Connect Core 1.0 3.1.2.6',
  },
  invalid_request_uri: {
    status: 400,
    description: 'The request_uri could not be used.',
    reference: 'OpenID Connect Core 1.0 3.1.2.6',
  },
  invalid_request_object: {
    status: 400,
    description: 'The request object is not valid.',
    reference: 'OpenID Connect Core 1.0 3.1.2.6',
  },
  /** The admin writer's code for what has no other; redirects and the token endpoint say `server_error` (D14). */
  error: { status: 500, description: 'The request could not be processed.', reference: 'admin-api.md 1.6' },
} as const satisfies Record<string, ErrorEntry>;

export type OAuthErrorCode = keyof typeof oauthErrors;

type ErrorDetail = {
  readonly code: string;
  readonly status: number;
  readonly description: string;
  readonly hint?: string | undefined;
  readonly debug?: string | undefined;
  readonly saidByApp?: boolean;
};

/**
 * An error as the protocol speaks it. `code` is one of the catalogue's, or what a login or consent app made up; `description` and
 * `hint` are public, `debug` only with the debug switch (and always on the admin writer). Never a token, secret or code in any, unless
 * an app made it up (`saidByApp`).
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: string;
  readonly status: number;
  readonly description: string;
  readonly hint: string | undefined;
  readonly debug: string | undefined;
  readonly saidByApp: boolean;

  constructor({ code, status, description, hint, debug, saidByApp = false }: ErrorDetail) {
    super([code, description, hint].filter((part) => part !== undefined && part !== '').join(': '));
    this.code = code;
    this.status = status;
    this.description = description;
    this.hint = hint === '' ? undefined : hint;
    this.debug = debug === '' ? undefined : debug;
    this.saidByApp = saidByApp;
  }

  /** The same error with another hint. */
  withHint(hint: string): OAuthError {
    return new OAuthError({ ...this.detail(), hint });
  }

  /** The same error with another debug text. */
  withDebug(debug: string): OAuthError {
    return new OAuthError({ ...this.detail(), debug });
  }

  private detail(): ErrorDetail {
    const { code, status, description, hint, debug, saidByApp } = this;
    return { code, status, description, hint, debug, saidByApp };
  }
}

/** An error of the catalogue; the hint says what exactly is wrong with this request. */
export function oauthError(code: OAuthErrorCode, hint?: string): OAuthError {
  const { status, description } = oauthErrors[code];
  return new OAuthError({ code, status, description, hint });
}

/**
 * What a login or consent app said when it rejected, verbatim; an empty code becomes `consent request denied` (also for a login),
 * status 0 becomes 400.
 *
 * @see admin-api.md 2.15
 */
export function fromRejection(rejection: Rejection): OAuthError {
  return new OAuthError({
    code: rejection.error === '' ? 'consent request denied' : rejection.error,
    status: rejection.statusCode === 0 ? 400 : rejection.statusCode,
    description: rejection.errorDescription,
    hint: rejection.errorHint,
    debug: rejection.errorDebug,
    saidByApp: true,
  });
}

/** Whether `error_debug` is shown: `oauth2.expose_internal_errors`. */
export type ErrorDisclosure = { readonly exposeDebug: boolean };

/**
 * Where the browser is sent with an error once the redirect URI is trusted; the URI's own query is kept.
 *
 * @param state as sent, `undefined` when it was not; an empty one is echoed (D20)
 * @see RFC 6749 4.1.2.1, RFC 9207 2, oauth2-flows.md 1.2.5
 */
export function errorRedirect({
  redirectUri,
  error,
  state,
  issuer,
  exposeDebug,
}: ErrorDisclosure & {
  readonly redirectUri: string;
  readonly error: OAuthError;
  readonly state: string | undefined;
  readonly issuer: string;
}): string {
  return appendParameters(redirectUri, {
    ...errorMembers(error, { exposeDebug }),
    ...(state === undefined ? {} : { state }),
    iss: issuer,
  });
}

/** Where the browser is sent with an error while no redirect URI is trusted: `urls.error` (oauth2-flows.md 1.14). */
export function errorPageUrl(errorUrl: string, error: OAuthError, { exposeDebug }: ErrorDisclosure): string {
  return withParameters(errorUrl, errorMembers(error, { exposeDebug }));
}

export type TokenEndpointErrorBody = {
  error: string;
  error_description: string;
  error_hint?: string;
  status_code: number;
  error_debug?: string;
};

/** The body of errors of the token, revocation and introspection endpoints (RFC 6749 5.2, oauth2-flows.md 1.14). */
export function tokenEndpointError(error: OAuthError, { exposeDebug }: ErrorDisclosure): TokenEndpointErrorBody {
  return {
    error: error.code,
    error_description: error.description,
    ...(error.hint === undefined ? {} : { error_hint: error.hint }),
    status_code: error.status,
    ...(exposeDebug && error.debug !== undefined ? { error_debug: error.debug } : {}),
  };
}

/** The body of errors everywhere else; it always discloses `error_debug` (oauth2-flows.md 1.14, admin-api.md 1.5). */
export function adminStyleError(error: OAuthError, requestId: string): TokenEndpointErrorBody & { request_id: string } {
  return { ...tokenEndpointError(error, { exposeDebug: true }), request_id: requestId };
}

function errorMembers(error: OAuthError, { exposeDebug }: ErrorDisclosure): Record<string, string> {
  return {
    error: error.code,
    error_description: error.description,
    ...(error.hint === undefined ? {} : { error_hint: error.hint }),
    ...(exposeDebug && error.debug !== undefined ? { error_debug: error.debug } : {}),
  };
}
