import {
  type AuthorizationRequest,
  type ClientRegistration,
  type JsonObject,
  type PersonalRequest,
  type Timestamp,
} from '#libs/domain';
import { oauthError } from './errors.js';
import { isHttps } from './redirect-uri.js';

/** Whom an `id_token_hint` means. @param claims of a verified one */
export function understoodHint(
  hint: string | undefined,
  claims: JsonObject | undefined,
): PersonalRequest['idTokenHint'] {
  if (hint === undefined) return null;
  const subject = claims?.['sub'];
  return typeof subject === 'string' && subject !== '' ? { subject } : 'invalid';
}

/** A remembered login session of the browser. */
export type LoginSession = {
  readonly sessionId: string;
  readonly subject: string;
  readonly authenticatedAt: Timestamp;
};

export type LoginPrompt = { readonly kind: 'ask' } | { readonly kind: 'skip'; readonly session: LoginSession };

type LoginQuestion = {
  readonly prompt: readonly string[];
  /** Seconds; `invalid` when what was sent is not an integer. */
  readonly maxAge: number | 'invalid' | null;
  readonly hint: PersonalRequest['idTokenHint'];
  readonly session: LoginSession | undefined;
  /** The session's subject as this client may know it: itself, its pairwise and forced identifiers. */
  readonly subjectIdentifiers: readonly string[];
  readonly now: Date;
};

/**
 * First call: whether the login app has to ask, or is told that somebody is logged in. An `id_token_hint` of somebody else means
 * asking (D4).
 *
 * @throws OAuthError `login_required` (`prompt=none`, and asking is needed) | `invalid_request` (`max_age` or `id_token_hint`
 *   malformed, noticed only when there is a session)
 * @see oauth2-flows.md 2.2, OpenID Connect Core 1.0 3.1.2.3
 */
export function decideLogin(question: LoginQuestion): LoginPrompt {
  const session = usableSession(question);
  if (session !== undefined) return { kind: 'skip', session };
  if (question.prompt.includes('none')) throw oauthError('login_required', 'prompt is none, but a login is needed.');
  return { kind: 'ask' };
}

function usableSession({
  prompt,
  maxAge,
  hint,
  session,
  subjectIdentifiers,
  now,
}: LoginQuestion): LoginSession | undefined {
  if (prompt.includes('login') || session === undefined) return undefined;
  if (maxAge === 'invalid') throw oauthError('invalid_request', 'max_age is not an integer.');
  if (maxAge !== null && maxAge > 0 && afterSeconds(session.authenticatedAt, maxAge) < now.getTime()) return undefined;
  if (hint === null) return session;
  if (hint === 'invalid') throw oauthError('invalid_request', hintInvalid);
  return subjectIdentifiers.includes(hint.subject) ? session : undefined;
}

type LoginOutcome = {
  readonly request: AuthorizationRequest;
  readonly registration: ClientRegistration;
  readonly hint: PersonalRequest['idTokenHint'];
  /** `sub` for this client. */
  readonly subjectIdentifier: string;
  readonly authenticatedAt: Timestamp;
  readonly requestedAt: Timestamp;
  readonly now: Date;
};

const knownPrompts = ['login', 'none', 'consent'];
const clockToleranceSeconds = 5;
const hintInvalid = 'id_token_hint could not be verified or has no sub.';

/**
 * Second call: whether the login that took place is one the request asked for. Times are compared with the request's, so a slow
 * user does no harm. A public client may use `prompt=none` where consent can be skipped (D12).
 *
 * @throws OAuthError `consent_required` | `invalid_request` | `login_required` | `server_error`
 * @see oauth2-flows.md 2.9, OpenID Connect Core 1.0 3.1.2.1
 */
export function validateLoginOutcome(outcome: LoginOutcome): void {
  const { request, registration, hint, subjectIdentifier } = outcome;
  const { prompt } = request;
  if (prompt.includes('none') && !isTrustedToSkip(registration, request.redirectUri)) {
    throw oauthError('consent_required', 'A public client can use prompt=none only with an https redirect_uri.');
  }
  if (!prompt.every((value) => knownPrompts.includes(value))) {
    throw oauthError('invalid_request', 'prompt has a value that is not login, none or consent.');
  }
  if (prompt.includes('none') && prompt.length > 1) {
    throw oauthError('invalid_request', 'prompt has none together with other values.');
  }
  validateAuthenticationTime(outcome);
  if (hint === 'invalid') throw oauthError('invalid_request', hintInvalid);
  if (hint !== null && hint.subject !== subjectIdentifier) {
    throw oauthError('login_required', 'The end-user who logged in is not the one of id_token_hint.');
  }
}

function validateAuthenticationTime({ request, authenticatedAt, requestedAt, now }: LoginOutcome): void {
  const { prompt, maxAge } = request;
  const [authenticated, requested] = [Date.parse(authenticatedAt), Date.parse(requestedAt)];
  if (authenticated > now.getTime() + clockToleranceSeconds * 1000) {
    throw oauthError('server_error', 'The time of the login lies in the future.');
  }
  if (maxAge !== null && maxAge > 0 && afterSeconds(authenticatedAt, maxAge) < requested) {
    throw oauthError('login_required', 'The login is older than max_age allows.');
  }
  if (prompt.includes('none') && authenticated > requested) {
    throw oauthError('login_required', 'prompt is none, but the end-user had to log in.');
  }
  if (prompt.includes('login') && authenticated < requested) {
    throw oauthError('login_required', 'prompt is login, but the end-user did not log in again.');
  }
}

/**
 * Whether a remembered consent may be relied on at all: not against `prompt=consent`, and only if the answer cannot reach
 * somebody who merely claims to be the client.
 *
 * @see oauth2-flows.md 2.6, RFC 8252 8.6
 */
export function consentSkippable({
  prompt,
  registration,
  redirectUri,
}: {
  readonly prompt: readonly string[];
  readonly registration: ClientRegistration;
  readonly redirectUri: string;
}): boolean {
  return !prompt.includes('consent') && isTrustedToSkip(registration, redirectUri);
}

function isTrustedToSkip({ token_endpoint_auth_method: method }: ClientRegistration, redirectUri: string): boolean {
  return method !== 'none' || isHttps(redirectUri);
}

function afterSeconds(time: Timestamp, seconds: number): number {
  return Date.parse(time) + seconds * 1000;
}
