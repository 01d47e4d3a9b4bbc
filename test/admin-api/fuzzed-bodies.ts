import fc from 'fast-check';
import { clients, kids, users } from './fuzzed-names.js';

/* What drawn requests say in their bodies: JSON of the shapes of the Admin API, JSON Patches, forms. */

export type Value = fc.Arbitrary<unknown>;
export type Shape = Readonly<Record<string, Value>>;

const certificate = 'MIIBszCCARwCAQAwDQYJKoZIhvcNAQEFBQAwHjEcMBoGA1UEAwwTZXhhbXBsZQ==';

const pick = (...values: readonly unknown[]): Value => fc.constantFrom(...values);
export const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const word = fc.oneof({ weight: 4, arbitrary: fc.string({ maxLength: 20 }) }, { weight: 1, arbitrary: anyText });
const words = fc.array(word, { maxLength: 4 });
export const instant = fc.oneof(
  pick('2019-04-10T10:00:00Z', '0001-01-01T00:00:00Z', '2999-12-31T23:59:60.999+14:00', '2019-02-30T25:00:00Z', ''),
  fc.date({ noInvalidDate: false }).map((date) => (Number.isNaN(date.getTime()) ? 'never' : date.toISOString())),
);
export const seconds = fc.oneof(
  fc.integer({ min: -1, max: 4000 }),
  fc.integer(),
  fc.double(),
  pick(1e11, -1e11, 1e12, 2 ** 53),
);

export const secretKey = {
  kty: pick('oct', 'oct', 'oct', 'EC', 'RSA', 'OKP', ''),
  kid: pick(...kids),
  k: fc.base64String({ maxLength: 44 }).map((text) => text.replace(/[=]/g, '').replace(/\+/g, '-').replace(/\//g, '_')),
};
export const key = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ ...secretKey, alg: word, use: pick('sig', 'enc', '') }, { requiredKeys: ['kty', 'k'] }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kty: pick('EC', 'OKP'),
      crv: pick('P-256', 'P-521', 'Ed25519', 'P-1'),
      x: word,
      y: word,
      d: word,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kty: pick('RSA'),
      n: fc.base64String(),
      e: pick('AQAB', 'AA', ''),
      d: word,
      x5c: pick([certificate], [], ['!'], 'x'),
    }),
  },
);

export const client: Shape = {
  client_id: pick(...clients, '', 'ä', 'a b', '../x'),
  client_name: word,
  redirect_uris: fc.array(pick('http://127.0.0.1/cb', 'app:/cb', 'http://a/#x', 'redirect-url', '')),
  grant_types: fc.array(pick('authorization_code', 'refresh_token', 'client_credentials', 'nonsense')),
  response_types: fc.array(pick('code', 'code id_token', 'token', '')),
  scope: pick('', 'openid', 'openid offline photos.*', 'a  b'),
  audience: words,
  owner: word,
  contacts: words,
  policy_uri: word,
  allowed_cors_origins: fc.array(pick('http://foo.com/', 'https://*.foo.com:8080', '*', 'http://u:p@foo.com', ''), {
    maxLength: 1,
  }),
  client_secret_expires_at: seconds,
  subject_type: pick('', 'public', 'public', 'pairwise'),
  jwks: fc.record({ keys: fc.array(key, { maxLength: 2 }) }),
  jwks_uri: pick('', 'https://127.0.0.1:9/jwks'),
  sector_identifier_uri: pick('', '', '', 'http://127.0.0.1:9/x', 'https://127.0.0.1:9/x', ':'),
  token_endpoint_auth_method: pick('', 'none', 'private_key_jwt', 'client_secret_post', 'x'.repeat(26)),
  request_uris: words,
  userinfo_signed_response_alg: pick('', 'none', 'RS256', 'foo'),
  created_at: instant,
  metadata: fc.jsonValue(),
};
/** Registrations that nothing is wrong with, so that there are clients to be found. */
export const plainClient: fc.Arbitrary<string> = fc
  .record({
    client_id: fc.constantFrom(...clients),
    owner: fc.constantFrom('me', 'x'),
    contacts: words,
    client_name: word,
  })
  .map((value) => JSON.stringify(value));
/** Hashing a chosen secret takes tens of milliseconds: a few requests are enough. */
export const clientWithSecret: Shape = { ...client, client_secret: pick('', 'short', 'long enough', 'ä'.repeat(500)) };
export const rejection: Shape = {
  error: word,
  error_description: anyText,
  error_hint: word,
  status_code: seconds,
  error_debug: word,
};
const remembrance: Shape = { remember: fc.boolean(), remember_for: seconds };
export const loginAcceptance: Shape = {
  subject: pick(...users, ''),
  ...remembrance,
  acr: word,
  force_subject_identifier: word,
};
const claims = fc.dictionary(word, fc.jsonValue(), { maxKeys: 4 });
export const consentAcceptance: Shape = {
  grant_scope: fc.array(pick('openid', 'offline', 'photos', '', null)),
  grant_access_token_audience: words,
  session: fc.record({ access_token: claims, id_token: claims }, { requiredKeys: [] }),
  ...remembrance,
};
/** RSA is generated elsewhere: a pair of 4096 bits takes a second or more. */
export const generation: Shape = {
  alg: pick('HS256', 'HS512', 'ES512', 'ES256', 'ES384', 'EdDSA', 'rs256', ''),
  kid: pick(...kids, 'x'.repeat(256)),
  use: word,
};

/** What v1.11 may send as well. */
export const laterLoginAcceptance: Shape = { ...loginAcceptance, context: fc.jsonValue(), amr: words };
export const laterConsentAcceptance: Shape = { ...consentAcceptance, handled_at: instant };
/** Below `/admin` members that no model has are ignored. */
export const unknownMembers: Shape = { extend_session_lifespan: fc.boolean(), identity_provider_session_id: word };

/** JSON texts of a shape: as they should be, with a member of the wrong kind, with unknown members and odd names, and damaged. */
export function bodies(shape: Shape): fc.Arbitrary<string> {
  const names = Object.keys(shape);
  const right = fc.record(shape, { requiredKeys: [] });
  const text = right.map((value) => JSON.stringify(value));
  const wrongMember = fc
    .tuple(right, fc.constantFrom(...names, 'unknown', '__proto__', 'constructor', 'toString'), fc.jsonValue())
    .map(([value, name, other]) => JSON.stringify({ ...value, [name]: other }));
  const otherCase = right.map((value) =>
    JSON.stringify(Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toUpperCase(), member]))),
  );
  const damaged = fc
    .tuple(text, fc.nat(), fc.nat({ max: 3 }), word)
    .map(([json, at, length, inserted]) => cut(json, at % (json.length + 1), length, inserted));
  const twice = text.map((json) => `${json.slice(0, -1)}${json === '{}' ? '' : ','}${json.slice(1)}`);
  return fc.oneof(
    { weight: 10, arbitrary: text },
    { weight: 6, arbitrary: wrongMember },
    { weight: 1, arbitrary: otherCase },
    { weight: 3, arbitrary: damaged },
    { weight: 1, arbitrary: twice },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: anyText },
    {
      weight: 1,
      arbitrary: fc.constantFrom('', 'null', '{}', '[]', '""', '0', `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`),
    },
  );
}

function cut(text: string, at: number, length: number, inserted: string): string {
  return `${text.slice(0, at)}${inserted}${text.slice(at + length)}`;
}

export function forms(tokens: readonly string[]): fc.Arbitrary<string> {
  const fields = fc.record(
    {
      token: fc.oneof(pick(...tokens), word),
      scope: word,
      token_type_hint: pick('access_token', 'refresh_token', 'x'),
    },
    { requiredKeys: [] },
  );
  const form = fields.map((values) => new URLSearchParams(values as Record<string, string>).toString());
  return fc.oneof({ weight: 4, arbitrary: form }, { weight: 1, arbitrary: anyText });
}

const members = Object.keys(client).map((member) => `/${member}`);
const pointer = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...members) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('/contacts/-', '/contacts/0', '/redirect_uris/-', '/audience/99', '/jwks/keys'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '/',
      '/toString/call',
      '/contacts/push/x',
      '/owner/-',
      '/__proto__/x',
      '/constructor/prototype',
      '/a~1b',
      '/~2',
      'owner',
    ),
  },
  { weight: 1, arbitrary: word },
);
const addition = fc.constantFrom(...Object.keys(client).filter((member) => member !== 'client_id')).chain((member) =>
  (client[member] ?? fc.jsonValue()).map((value) => ({
    op: member === 'jwks' ? 'add' : 'replace',
    path: `/${member}`,
    value,
  })),
);
const operation = fc.oneof(
  { weight: 6, arbitrary: addition },
  { weight: 1, arbitrary: word.map((value) => ({ op: 'add', path: '/contacts/-', value })) },
  { weight: 1, arbitrary: fc.record({ op: pick('remove'), path: pointer }) },
  { weight: 1, arbitrary: fc.record({ op: pick('move', 'copy'), from: pointer, path: pointer }) },
  { weight: 1, arbitrary: fc.record({ op: pick('add', 'replace', 'test'), path: pointer, value: fc.jsonValue() }) },
  {
    weight: 1,
    arbitrary: fc.record(
      { op: fc.oneof(pick('add', 'copy', 'Remove'), fc.jsonValue()), path: fc.jsonValue(), from: pointer, value: word },
      { requiredKeys: [] },
    ),
  },
);
/** Copies of copies: the document would double with each. */
const doubling = Array.from({ length: 60 }, () => ({ op: 'copy', from: '/contacts', path: '/contacts/-' }));
const tooMany = Array.from({ length: 1001 }, () => ({ op: 'add', path: '/owner', value: 'me' }));
/** A chosen secret is hashed: a few are enough. */
const newSecret = [{ op: 'add', path: '/client_secret', value: 'long enough' }];

/** JSON Patches (RFC 6902) of clients: mostly valid ones, then near misses, and texts that are no patch at all. */
export const jsonPatches: fc.Arbitrary<string> = fc.oneof(
  { weight: 20, arbitrary: fc.array(operation, { maxLength: 4 }).map((patch) => JSON.stringify(patch)) },
  { weight: 4, arbitrary: bodies({ op: pick('add'), path: pointer, value: fc.jsonValue() }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<unknown>(doubling, tooMany, newSecret, [[]], [null])
      .map((patch) => JSON.stringify(patch)),
  },
);
