import fc from 'fast-check';

/** A request as it goes over the wire; `path` is percent-encoded where it has to be. */
export type FuzzedRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

/** Names that exist in the authority under test, so that requests find something. */
export type Names = {
  readonly loginChallenges: readonly string[];
  readonly consentChallenges: readonly string[];
  readonly tokens: readonly string[];
};

type Value = fc.Arbitrary<unknown>;
type Shape = Readonly<Record<string, Value>>;

const clients = Array.from({ length: 30 }, (_, index) => `client-${index}`);
const sets = Array.from({ length: 12 }, (_, index) => `set-${index}`);
const kids = ['', 'a', 'b', 'public:a', 'private:a', 'ä/ö', '%2e'];
const users = ['alice', 'bob@example.org', 'user-0', 'user-1', 'user-2'];
const certificate = 'MIIBszCCARwCAQAwDQYJKoZIhvcNAQEFBQAwHjEcMBoGA1UEAwwTZXhhbXBsZQ==';

const pick = (...values: readonly unknown[]): Value => fc.constantFrom(...values);
const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const word = fc.oneof({ weight: 4, arbitrary: fc.string({ maxLength: 20 }) }, { weight: 1, arbitrary: anyText });
const words = fc.array(word, { maxLength: 4 });
const instant = fc.oneof(
  pick('2019-04-10T10:00:00Z', '0001-01-01T00:00:00Z', '2999-12-31T23:59:60.999+14:00', '2019-02-30T25:00:00Z', ''),
  fc.date({ noInvalidDate: false }).map((date) => (Number.isNaN(date.getTime()) ? 'never' : date.toISOString())),
);
const seconds = fc.oneof(
  fc.integer({ min: -1, max: 4000 }),
  fc.integer(),
  fc.double(),
  pick(1e11, -1e11, 1e12, 2 ** 53),
);

const secretKey = {
  kty: pick('oct', 'oct', 'oct', 'EC', 'RSA', 'OKP', ''),
  kid: pick(...kids),
  k: fc.base64String({ maxLength: 44 }).map((text) => text.replace(/[=]/g, '').replace(/\+/g, '-').replace(/\//g, '_')),
};
const key = fc.oneof(
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

const client: Shape = {
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
/** Hashing a chosen secret takes tens of milliseconds: a few requests are enough. */
const clientWithSecret: Shape = { ...client, client_secret: pick('', 'short', 'long enough', 'ä'.repeat(500)) };
const rejection: Shape = {
  error: word,
  error_description: anyText,
  error_hint: word,
  status_code: seconds,
  error_debug: word,
};
const remembrance: Shape = { remember: fc.boolean(), remember_for: seconds };
const loginAcceptance: Shape = {
  subject: pick(...users, ''),
  ...remembrance,
  acr: word,
  force_subject_identifier: word,
};
const claims = fc.dictionary(word, fc.jsonValue(), { maxKeys: 4 });
const consentAcceptance: Shape = {
  grant_scope: fc.array(pick('openid', 'offline', 'photos', '', null)),
  grant_access_token_audience: words,
  session: fc.record({ access_token: claims, id_token: claims }, { requiredKeys: [] }),
  ...remembrance,
};
/** RSA is generated elsewhere: a pair of 4096 bits takes a second or more. */
const generation: Shape = {
  alg: pick('HS256', 'HS512', 'ES512', 'ES256', 'rs256', ''),
  kid: pick(...kids, 'x'.repeat(256)),
  use: word,
};

/** JSON texts of a shape: as they should be, with a member of the wrong kind, with unknown members and odd names, and damaged. */
function bodies(shape: Shape): fc.Arbitrary<string> {
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

/** A path segment: mostly a name that may exist, sometimes anything. */
function segment(names: readonly string[]): fc.Arbitrary<string> {
  const encoded = (name: string): string => encodeURIComponent(name.toWellFormed());
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...names).map(encoded) },
    { weight: 2, arbitrary: anyText.map(encoded) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '%zz',
        '%',
        '%00',
        '%ff',
        '%2F',
        '..',
        '.',
        ';',
        "'",
        '*',
        'x'.repeat(2000),
        '%F0%9F%98%80',
      ),
    },
  );
}

const queries = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  {
    weight: 4,
    arbitrary: fc.tuple(seconds, seconds).map(([limit, offset]) => `?limit=${String(limit)}&offset=${String(offset)}`),
  },
  { weight: 1, arbitrary: fc.webQueryParameters().map((query) => `?${query}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('?limit=&limit=2', '?limit[]=1', '?__proto__=1', '?%zz', '?&&=', '?limit=0'),
  },
);

const oddHeaders = fc.dictionary(
  fc.constantFrom(
    'content-type',
    'accept',
    'if-match',
    'if-none-match',
    'x-reason',
    'traceparent',
    'authorization',
    'x-forwarded-proto',
    'hydrant-min-position',
    'cookie',
    'range',
    'accept-encoding',
  ),
  fc.oneof(
    fc.string({ unit: fc.constantFrom(...'aZ0 -_;:=,/*"\'\\(){}<>&%'), maxLength: 30 }),
    fc.constantFrom(
      'application/json',
      'text/plain',
      'multipart/form-data',
      '*',
      'W/"1"',
      '"0"',
      'Basic eDp5',
      ';;;',
      '9'.repeat(40),
    ),
  ),
  { maxKeys: 3 },
);
const headers = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ 'content-type': 'application/json' }) },
  { weight: 1, arbitrary: oddHeaders },
);

function forms(tokens: readonly string[]): fc.Arbitrary<string> {
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

/** Requests to every operation of the Admin API, and near misses of them. */
export function fuzzedRequests({ loginChallenges, consentChallenges, tokens }: Names): fc.Arbitrary<FuzzedRequest> {
  const [id, set, kid, user] = [
    segment(clients),
    segment(sets),
    segment(kids.filter((one) => one !== '')),
    segment(users),
  ];
  const login = segment([...loginChallenges, 'unknown']);
  const consent = segment([...consentChallenges, 'unknown']);
  const formTypes = fc.constantFrom(
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json',
  );
  const none = fc.constant(undefined);
  return fc.oneof(
    request('POST', path`/clients`, bodies(client), 4),
    request('POST', path`/clients`, bodies(clientWithSecret)),
    request('GET', fc.tuple(path`/clients`, queries).map(joined), none),
    request('GET', path`/clients/${id}`, none, 2),
    request('PUT', path`/clients/${id}`, bodies(client), 4),
    request('DELETE', path`/clients/${id}`, none),
    request('POST', path`/keys/${set}`, bodies(generation), 3),
    request('GET', path`/keys/${set}`, none),
    request('PUT', path`/keys/${set}`, bodies({ keys: fc.array(key, { maxLength: 3 }) }), 3),
    request('DELETE', path`/keys/${set}`, none),
    request('GET', path`/keys/${set}/${kid}`, none),
    request(
      'PUT',
      path`/keys/${set}/${kid}`,
      fc.oneof(
        key.map((one) => JSON.stringify(one)),
        bodies(secretKey),
      ),
      3,
    ),
    request('DELETE', path`/keys/${set}/${kid}`, none),
    request('GET', path`/oauth2/auth/requests/login/${login}`, none),
    request('PUT', path`/oauth2/auth/requests/login/${login}/accept`, bodies(loginAcceptance), 3),
    request('PUT', path`/oauth2/auth/requests/login/${login}/reject`, bodies(rejection), 2),
    request('GET', path`/oauth2/auth/requests/consent/${consent}`, none),
    request('PUT', path`/oauth2/auth/requests/consent/${consent}/accept`, bodies(consentAcceptance), 3),
    request('PUT', path`/oauth2/auth/requests/consent/${consent}/reject`, bodies(rejection), 2),
    request('GET', fc.tuple(path`/oauth2/auth/sessions/consent/${user}`, queries).map(joined), none),
    request('DELETE', path`/oauth2/auth/sessions/consent/${user}`, none),
    request('DELETE', path`/oauth2/auth/sessions/consent/${user}/${id}`, none),
    request('DELETE', path`/oauth2/auth/sessions/login/${user}`, none),
    request(
      'POST',
      path`/oauth2/introspect`,
      forms(tokens),
      2,
      formTypes.map((type) => ({ 'content-type': type })),
    ),
    request('POST', path`/oauth2/flush`, bodies({ notAfter: instant })),
    request('PATCH', path`/clients/${id}`, fc.json()),
    request(
      'GET',
      path`/${fc.constantFrom('CLIENTS', '/clients', 'clients/', 'keys/', 'openapi.json', 'version', 'x')}`,
      none,
    ),
  );
}

function request(
  method: string,
  paths: fc.Arbitrary<string>,
  body: fc.Arbitrary<string | undefined>,
  weight = 1,
  headersOf: fc.Arbitrary<Record<string, string>> = headers,
): { weight: number; arbitrary: fc.Arbitrary<FuzzedRequest> } {
  return { weight, arbitrary: fc.record({ method: fc.constant(method), path: paths, headers: headersOf, body }) };
}

function path(texts: TemplateStringsArray, ...segments: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.tuple(...segments).map((values) => texts.map((text, index) => `${text}${values[index] ?? ''}`).join(''));
}

function joined([first, second]: readonly [string, string]): string {
  return `${first}${second}`;
}
