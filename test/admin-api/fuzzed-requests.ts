import fc from 'fast-check';
import {
  bodies,
  client,
  clientWithSecret,
  consentAcceptance,
  forms,
  generation,
  instant,
  jsonPatches,
  key,
  laterConsentAcceptance,
  laterLoginAcceptance,
  loginAcceptance,
  plainClient,
  rejection,
  secretKey,
  unknownMembers,
} from './fuzzed-bodies.js';
import { fuzzedHeaders } from './fuzzed-headers.js';
import { clients, kids, sets, users } from './fuzzed-names.js';
import { joined, laterQueries, named, path, queries, segment } from './fuzzed-paths.js';

/** A request as it goes over the wire; `path` is percent-encoded where it has to be. */
export type FuzzedRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

/** What exists in the authority under test, so that requests find something; `position` is one its log has passed. */
export type Names = {
  readonly loginChallenges: readonly string[];
  readonly consentChallenges: readonly string[];
  readonly tokens: readonly string[];
  readonly position: number;
};

type Weighted = { readonly weight: number; readonly arbitrary: fc.Arbitrary<FuzzedRequest> };
/** How requests of one kind are made. */
type Draw = (
  method: string,
  paths: fc.Arbitrary<string>,
  body?: fc.Arbitrary<string | undefined>,
  weight?: number,
) => Weighted;

const none = fc.constant(undefined);
const id = segment(clients);
const user = segment(users);

/** Requests to every operation of the Admin API, in each generation, and near misses of them. */
export function fuzzedRequests({
  loginChallenges,
  consentChallenges,
  tokens,
  position,
}: Names): fc.Arbitrary<FuzzedRequest> {
  const draw = drawing(fuzzedHeaders(['application/json'], position));
  const patch = drawing(fuzzedHeaders(['application/json-patch+json', 'application/json'], position));
  const form = drawing(
    fuzzedHeaders(
      ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json'],
      position,
    ),
  );
  const login = segment([...loginChallenges, 'unknown']);
  const consent = segment([...consentChallenges, 'unknown']);
  return fc.oneof(
    ...registrations(draw, '', queries),
    ...registrations(draw, '/admin', laterQueries),
    patch('PATCH', path`/admin/clients/${id}`, jsonPatches, 6),
    patch('PATCH', path`/clients/${id}`, jsonPatches),
    ...handshake(draw, login, consent),
    ...laterHandshake(draw, '', login, consent),
    ...laterHandshake(draw, '/admin', login, consent),
    ...sessions(draw),
    ...laterSessions(draw, '', queries),
    ...laterSessions(draw, '/admin', laterQueries),
    form('POST', path`/oauth2/introspect`, forms(tokens), 2),
    form('POST', path`/admin/oauth2/introspect`, forms(tokens), 2),
    draw('POST', path`/oauth2/flush`, bodies({ notAfter: instant })),
    draw('GET', path`/${fc.constantFrom('CLIENTS', '/clients', 'clients/', 'keys/', 'openapi.json', 'version', 'x')}`),
    draw('GET', path`/admin${fc.constantFrom('', '/', '/Clients', '/oauth2/flush', '//keys', '/admin/clients', '/x')}`),
  );
}

/** Clients and keys, which lie at the same paths in all generations, with `/admin` in front or not. */
function registrations(draw: Draw, prefix: string, list: fc.Arbitrary<string>): Weighted[] {
  const set = segment(sets);
  const kid = segment(kids.filter((one) => one !== ''));
  const oneKey = fc.oneof(
    key.map((one) => JSON.stringify(one)),
    bodies(secretKey),
  );
  const at = fc.constant(prefix);
  return [
    draw('POST', path`${at}/clients`, bodies(client), 4),
    draw('POST', path`${at}/clients`, bodies(clientWithSecret)),
    draw('POST', path`${at}/clients`, plainClient, 4),
    draw('PUT', path`${at}/clients/${id}`, plainClient),
    draw('GET', fc.tuple(path`${at}/clients`, list).map(joined)),
    draw('GET', path`${at}/clients/${id}`, none, 2),
    draw('PUT', path`${at}/clients/${id}`, bodies(client), 4),
    draw('DELETE', path`${at}/clients/${id}`),
    draw('POST', path`${at}/keys/${set}`, bodies(generation), 3),
    draw('GET', path`${at}/keys/${set}`),
    draw('PUT', path`${at}/keys/${set}`, bodies({ keys: fc.array(key, { maxLength: 3 }) }), 3),
    draw('DELETE', path`${at}/keys/${set}`),
    draw('GET', path`${at}/keys/${set}/${kid}`),
    draw('PUT', path`${at}/keys/${set}/${kid}`, oneKey, 3),
    draw('DELETE', path`${at}/keys/${set}/${kid}`),
  ];
}

function handshake(draw: Draw, login: fc.Arbitrary<string>, consent: fc.Arbitrary<string>): Weighted[] {
  return [
    draw('GET', path`/oauth2/auth/requests/login/${login}`),
    draw('PUT', path`/oauth2/auth/requests/login/${login}/accept`, bodies(loginAcceptance), 3),
    draw('PUT', path`/oauth2/auth/requests/login/${login}/reject`, bodies(rejection), 2),
    draw('GET', path`/oauth2/auth/requests/consent/${consent}`),
    draw('PUT', path`/oauth2/auth/requests/consent/${consent}/accept`, bodies(consentAcceptance), 3),
    draw('PUT', path`/oauth2/auth/requests/consent/${consent}/reject`, bodies(rejection), 2),
  ];
}

/** The challenge in the query. */
function laterHandshake(
  draw: Draw,
  prefix: string,
  login: fc.Arbitrary<string>,
  consent: fc.Arbitrary<string>,
): Weighted[] {
  const requests = fc.constant(`${prefix}/oauth2/auth/requests`);
  const more = prefix === '' ? {} : unknownMembers;
  const [ofLogin, ofConsent] = [
    named(['login_challenge', 'challenge'], login),
    named(['consent_challenge', 'challenge'], consent),
  ];
  return [
    draw('GET', path`${requests}/login${ofLogin}`, none, 3),
    draw('PUT', path`${requests}/login/accept${ofLogin}`, bodies({ ...laterLoginAcceptance, ...more }), 3),
    draw('PUT', path`${requests}/login/reject${ofLogin}`, bodies(rejection), 2),
    draw('GET', path`${requests}/consent${ofConsent}`, none, 3),
    draw('PUT', path`${requests}/consent/accept${ofConsent}`, bodies({ ...laterConsentAcceptance, ...more }), 3),
    draw('PUT', path`${requests}/consent/reject${ofConsent}`, bodies(rejection), 2),
  ];
}

function sessions(draw: Draw): Weighted[] {
  return [
    draw('GET', fc.tuple(path`/oauth2/auth/sessions/consent/${user}`, queries).map(joined)),
    draw('DELETE', path`/oauth2/auth/sessions/consent/${user}`),
    draw('DELETE', path`/oauth2/auth/sessions/consent/${user}/${id}`),
    draw('DELETE', path`/oauth2/auth/sessions/login/${user}`),
  ];
}

/** The subject in the query. */
function laterSessions(draw: Draw, prefix: string, list: fc.Arbitrary<string>): Weighted[] {
  const at = fc.constant(`${prefix}/oauth2/auth/sessions`);
  const subject = named(['subject'], user);
  const ofSome = fc.oneof(path`&client=${id}`, path`&all=${fc.constantFrom('true', '1', 'false', '', 'TRUE')}`);
  return [
    draw(
      'GET',
      fc.tuple(path`${at}/consent${subject}`, list).map(([first, rest]) => joined([first, `&${rest.slice(1)}`])),
    ),
    draw('DELETE', path`${at}/consent${subject}`),
    draw('DELETE', path`${at}/consent${subject}${ofSome}`, none, 2),
    draw('DELETE', path`${at}/login${subject}`),
  ];
}

function drawing(headers: fc.Arbitrary<Record<string, string>>): Draw {
  return (method, paths, body = none, weight = 1) => ({
    weight,
    arbitrary: fc.record({ method: fc.constant(method), path: paths, headers, body }),
  });
}
