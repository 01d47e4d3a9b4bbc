import { type Json, type JsonObject } from '../shared.js';

/**
 * The validated authorization request of a flow, as far as it says nothing about a person. It is stored with the login request
 * and is what the later calls of the handshake go by: their own query is ignored (oauth2-flows.md 2.14, D1).
 */
export type AuthorizationRequest = {
  /** Where the browser is sent. */
  readonly redirectUri: string;
  /** Whether the request named it; then the code exchange must name it too (RFC 6749 4.1.3). */
  readonly redirectUriSent: boolean;
  readonly responseTypes: readonly string[];
  readonly scope: readonly string[];
  readonly audience: readonly string[];
  readonly prompt: readonly string[];
  /** Seconds; `null` when not sent or 0. */
  readonly maxAge: number | null;
  readonly acrValues: readonly string[];
  /** base64url S256 challenge (RFC 7636 4.2). */
  readonly codeChallenge: string | null;
};

/** What of the request may tell who the person is; stored sealed. */
export type PersonalRequest = {
  /** Issuer URL, `/oauth2/auth` and the query of the first call; POSTed parameters merged in. */
  readonly requestUrl: string;
  /** `OpenIDConnectContext` of admin-api.md 3.13, members omitted when empty. */
  readonly oidcContext: JsonObject;
  readonly state: string;
  readonly nonce: string | null;
  /** `sub` of a verified `id_token_hint`; `invalid` when one was sent that cannot be verified or has none. */
  readonly idTokenHint: { readonly subject: string } | 'invalid' | null;
};

/** The names of the personal members, for the event schemas. */
export const personalRequestMembers = ['requestUrl', 'oidcContext', 'state', 'nonce', 'idTokenHint'] as const;

/** What a login app of a later API generation may say as well; absent where it said nothing. */
export type LoginRemarks = {
  /** Authentication methods references (RFC 8176). */
  readonly amr?: readonly string[];
  /** Handed on to the consent app as it is. It may say anything about the person: stored sealed. */
  readonly context?: Json;
};

/**
 * What a login or consent app says when it rejects a request; goes to the client verbatim (admin-api.md 3.10). Free text that may
 * name a person: stored sealed.
 */
export type Rejection = {
  readonly error: string;
  readonly errorDescription: string;
  readonly errorHint: string;
  readonly errorDebug: string;
  readonly statusCode: number;
};
