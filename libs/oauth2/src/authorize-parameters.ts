import { type JsonObject } from '#libs/domain';
import {
  type FormRecord,
  type FormValues,
  encodeForm,
  formValues,
  parameter,
  parseQuery,
  repeatedParameter,
} from './form-encoding.js';
import { splitScope } from './scope-strategy.js';

/** What came to the authorization endpoint, in query and body together. */
export type AuthorizeParameters = {
  readonly values: FormValues;
  /** As it came; with a body, the body's parameters follow. */
  readonly rawQuery: string;
  /** A parameter could not be decoded. */
  readonly malformed: boolean;
};

/** Every parameter the endpoint reads. It ignores all others, but keeps them in the request URL. */
const knownParameters = [
  ...['client_id', 'redirect_uri', 'response_type', 'scope', 'audience', 'state', 'nonce', 'prompt', 'max_age'],
  ...['id_token_hint', 'acr_values', 'ui_locales', 'display', 'login_hint', 'request', 'request_uri', 'registration'],
  ...['code_challenge', 'code_challenge_method', 'login_verifier', 'consent_verifier'],
];

/**
 * Reads the parameters of a GET (query only) or POST (query and body).
 *
 * @param body the raw urlencoded body or the decoded form
 * @see RFC 6749 3.1, oauth2-flows.md 1.2
 */
export function parseAuthorizeParameters(query: string, body: FormRecord | string | undefined): AuthorizeParameters {
  const posted = typeof body === 'object' ? encodeForm(formValues(body)) : (body ?? '');
  const rawQuery = [query, posted].filter((part) => part !== '').join('&');
  return { ...parseQuery(rawQuery), rawQuery };
}

/** The first known parameter that was sent more than once, which RFC 6749 3.1 forbids; `undefined` when none was. */
export function repeatedAuthorizeParameter(parameters: AuthorizeParameters): string | undefined {
  return repeatedParameter(parameters.values, knownParameters);
}

/** The items of a space-separated parameter; none when it was not sent. */
export function listParameter(values: FormValues, name: string): string[] {
  return splitScope(parameter(values, name) ?? '');
}

/**
 * `max_age` in seconds; `null` when there is no limit (not sent, 0 or negative), `invalid` when it is not an integer, which only
 * matters once there is a session to compare with.
 *
 * @see OpenID Connect Core 1.0 3.1.2.1, oauth2-flows.md 2.2 numbers 4 and 5
 */
export function maxAgeParameter(values: FormValues): number | 'invalid' | null {
  const text = parameter(values, 'max_age');
  if (text === undefined) return null;
  const seconds = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(seconds)) return 'invalid';
  return seconds > 0 ? seconds : null;
}

/**
 * What login and consent apps get to know of the OpenID Connect parameters; members omitted when empty.
 *
 * @param idTokenHintClaims all claims of a verified, possibly expired hint
 * @see admin-api.md 3.13
 */
export function openIdConnectContext(
  parameters: AuthorizeParameters,
  idTokenHintClaims: JsonObject | undefined,
): JsonObject {
  const { values } = parameters;
  const members: JsonObject = {
    acr_values: listParameter(values, 'acr_values'),
    ui_locales: listParameter(values, 'ui_locales'),
    display: parameter(values, 'display') ?? '',
    login_hint: parameter(values, 'login_hint') ?? '',
    id_token_hint_claims: idTokenHintClaims ?? {},
  };
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => Object.keys(value as string | object).length > 0),
  );
}
