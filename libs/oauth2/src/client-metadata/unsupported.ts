import { clientAuthenticationMethods } from '../discovery.js';
import { grantTypes } from '../grant-type.js';
import { clientMemberList } from './client-members.js';

/** Members that ask for nothing: the server of before wrote them, or they say what is so here anyway. */
const harmless: Readonly<Record<string, readonly unknown[]>> = {
  access_token_strategy: ['opaque'],
  token_endpoint_auth_signing_alg: ['RS256'],
  id_token_signed_response_alg: ['RS256'],
};
const ofTheServer = ['registration_access_token', 'registration_client_uri', 'client_id_issued_at'];

/** Of members that are kept, the values that this server does something with. */
const done: Readonly<Record<string, readonly string[]>> = {
  token_endpoint_auth_method: clientAuthenticationMethods,
  grant_types: grantTypes,
  response_types: ['code'],
};
const unused = ['request_uris', 'request_object_signing_alg'];
const names: ReadonlySet<string> = new Set(clientMemberList.map(({ name }) => name));
/** Names that any header and log can hold; and how many of them. */
const namePattern = /^[\w.-]{1,64}$/;
const maxNames = 40;

/**
 * What a registration asks for that this server does not do: members it ignores as `name`, values without effect as `name=value`. It is
 * taken all the same, as Hydra takes it (admin-api.md 2.1 rule 2); whoever registers is told.
 *
 * @param registration as it was sent, before anything is ignored
 * @param extended whether the members that later generations brought are kept
 */
export function unsupportedOf(registration: unknown, extended = true): string[] {
  if (typeof registration !== 'object' || registration === null) return [];
  const found = Object.entries(registration)
    .map(([name, value]): [string, unknown] => [name.toLowerCase(), value])
    .filter(([name, value]) => namePattern.test(name) && !isNothing(value))
    .flatMap(([name, value]) => (isKept(name, extended) ? withoutEffect(name, value) : ignored(name, value)));
  return [...new Set(found)].sort().slice(0, maxNames);
}

function isKept(name: string, extended: boolean): boolean {
  return names.has(name) && (extended || clientMemberList.some((row) => row.name === name && row.extension !== true));
}

function ignored(name: string, value: unknown): string[] {
  return ofTheServer.includes(name) || harmless[name]?.includes(value) === true ? [] : [name];
}

function withoutEffect(name: string, value: unknown): string[] {
  if (unused.includes(name) && value !== 'none') return [name];
  const values: unknown[] = Array.isArray(value) ? value : [value];
  const known = done[name];
  if (known === undefined) return [];
  return values.flatMap((each) =>
    typeof each === 'string' && each !== '' && !known.includes(each) ? [`${name}=${shown(each)}`] : [],
  );
}

/** Response types have blanks in them; what a header cannot hold is not said. */
function shown(value: string): string {
  return /^[\w.:/ -]{1,100}$/.test(value) ? value : '?';
}

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === false || value === 0) return true;
  if (typeof value === 'object') return Object.keys(value).length === 0;
  return false;
}
