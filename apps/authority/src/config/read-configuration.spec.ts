import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration.js';
import { readConfiguration } from './read-configuration.js';

const read = (variables: Record<string, string> = {}) => readConfiguration(variables).configuration;
const refusal = (variables: Record<string, string>): string => {
  try {
    return `not refused: ${JSON.stringify(read(variables))}`;
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
};

describe('the defaults', () => {
  it('are safe: the Admin API is for this machine only', () => {
    expect(read()).toMatchObject({
      admin: { host: '127.0.0.1', port: 4445 },
      public: { host: '0.0.0.0', port: 4444 },
      issuer: 'http://localhost:4444/',
      publicUrl: 'http://localhost:4444/',
      eventStore: { kind: 'sqlite' },
      refreshTokenReuse: 'revoke',
      refreshTokenGraceSeconds: 0,
      exposeInternalErrors: false,
      pkceEnforcedFor: 'nobody',
      clientAssertionCompat: 'none',
      cookieHostPrefix: false,
      introspectionConsistency: 'strict',
      outboundAllowPrivateAddresses: false,
      subjectTypes: ['public'],
      systemSecrets: [],
    });
  });

  it('have the lifespans of oauth2-flows.md 3.2', () => {
    const hour = 3_600_000;
    expect(read().ttlMs).toEqual({
      ...{
        accessToken: hour,
        refreshToken: 720 * hour,
        idToken: hour,
        authCode: hour / 6,
        loginConsentRequest: hour / 2,
      },
    });
  });

  it('take an empty value for none', () => {
    expect(read({ TTL_ACCESS_TOKEN: '', SERVE_ADMIN_HOST: '', DSN: '', KAFKA_BROKERS: '' })).toEqual(read());
    expect(read({ SERVE_ADMIN_PORT: '', ADMIN_PORT: '9000' }).admin.port).toBe(9000);
  });
});

describe('legacy names', () => {
  it('work, with one line of warning each', () => {
    const { configuration, warnings } = readConfiguration({
      ISSUER: 'https://id.example',
      SYSTEM_SECRET: 'x'.repeat(16),
    });
    expect(configuration).toMatchObject({ issuer: 'https://id.example/', systemSecrets: ['x'.repeat(16)] });
    expect(warnings).toEqual([
      'ISSUER is a legacy name, use URLS_SELF_ISSUER',
      'SYSTEM_SECRET is a legacy name, use SECRETS_SYSTEM',
    ]);
  });

  it('warn once, also where a variable is read twice', () => {
    const { configuration, warnings } = readConfiguration({ REFRESH_TOKEN_LIFESPAN: '2h' });
    expect(configuration.ttlMs.refreshToken).toBe(7_200_000);
    expect(warnings).toEqual(['REFRESH_TOKEN_LIFESPAN is a legacy name, use TTL_REFRESH_TOKEN']);
  });

  it('are overruled by the new name, without a word', () => {
    const { configuration, warnings } = readConfiguration({ PUBLIC_PORT: '1', SERVE_PUBLIC_PORT: '2' });
    expect(configuration.public.port).toBe(2);
    expect(warnings).toEqual([]);
  });

  it('are what a refusal explains by the new name', () => {
    expect(refusal({ ACCESS_TOKEN_LIFESPAN: '3600' })).toMatch(/^TTL_ACCESS_TOKEN must be a positive duration/);
  });
});

describe('single settings', () => {
  it.each([
    ['https://id.example', 'https://id.example/'],
    ['https://id.example/', 'https://id.example/'],
    ['https://id.example/tenant//', 'https://id.example/tenant/'],
  ])('the issuer %s has one slash at the end', (given, issuer) =>
    expect(read({ URLS_SELF_ISSUER: given }).issuer).toBe(issuer),
  );

  it('the fallback pages lie below the issuer', () => {
    expect(read({ URLS_SELF_ISSUER: 'https://id.example/tenant' }).urls).toEqual({
      login: 'https://id.example/tenant/oauth2/fallbacks/consent',
      consent: 'https://id.example/tenant/oauth2/fallbacks/consent',
      error: 'https://id.example/tenant/oauth2/fallbacks/error',
      postLogoutRedirect: 'https://id.example/tenant/oauth2/fallbacks/logout',
    });
  });

  it('the query of a login URL is kept', () => {
    expect(read({ URLS_LOGIN: 'https://login.example/?brand=a' }).urls.login).toBe('https://login.example/?brand=a');
  });

  it('a refresh token lives for ever with -1, and only a refresh token', () => {
    expect(read({ TTL_REFRESH_TOKEN: '-1' }).ttlMs.refreshToken).toBeNull();
    expect(refusal({ TTL_ACCESS_TOKEN: '-1' })).toMatch(/^TTL_ACCESS_TOKEN /);
  });

  it.each(['a,b', 'a b', ' a , b ', 'a,,b'])('a list is separated by commas or spaces: %j', (list) => {
    expect(read({ WEBFINGER_JWKS_BROADCAST_KEYS: list }).discovery.broadcastKeySets).toEqual(['a', 'b']);
  });

  it('the default scope of clients is one text, however it was separated', () => {
    expect(read({ OIDC_DYNAMIC_CLIENT_REGISTRATION_DEFAULT_SCOPE: 'openid,photos' }).defaultClientScope).toBe(
      'openid photos',
    );
  });

  it('unknown subject types are dropped beside known ones', () => {
    expect(read({ OIDC_SUBJECT_IDENTIFIERS_ENABLED: 'public,secret' }).subjectTypes).toEqual(['public']);
  });

  it('EventStoreDB, with a prefix of its own', () => {
    const url = 'esdb://user:pass@localhost:2113?tls=false';
    const secrets = { SECRETS_SYSTEM: 'a'.repeat(16) };
    expect(read({ EVENT_STORE: url, ...secrets }).eventStore).toEqual({
      kind: 'eventstoredb',
      url,
      prefix: 'hydrant.',
    });
    expect(read({ EVENT_STORE: url, EVENT_STORE_PREFIX: 'id.', ...secrets }).eventStore).toMatchObject({
      prefix: 'id.',
    });
  });

  it('several system secrets: the first seals', () => {
    const [first, second] = ['a'.repeat(16), 'b'.repeat(16)];
    expect(read({ SECRETS_SYSTEM: `${first},${second}` }).systemSecrets).toEqual([first, second]);
  });

  it.each(['false', '0'])('a feature that is not there may be switched off: %s', (value) => {
    expect(read({ SERVE_PUBLIC_CORS_ENABLED: value })).toEqual(read());
  });
});

describe('what is refused', () => {
  it.each<[string, string]>([
    ['DSN', 'memory'],
    ['DATABASE_URL', 'postgres://db/hydra'],
    ['EVENT_STORE', 'SQLite'],
    ['KAFKA_BROKERS', 'broker'],
    ['KAFKA_BROKERS', 'one:9092,two'],
    ['KAFKA_TOPIC_PREFIX', 'a/b'],
    ['KAFKA_PARTITIONS', '0'],
    ['KAFKA_REPLICATION', 'three'],
    ['KAFKA_RETENTION', '30'],
    ['KAFKA_START', 'end'],
    ['KAFKA_TLS_CA_FILE', '/not/there.pem'],
    ['SERVE_TLS_CERT_PATH', '/cert.pem'],
    ['SERVE_PUBLIC_CORS_ENABLED', 'true'],
    ['ADMIN_AUTH', 'mtls'],
    ['ADMIN_TOKEN_FILE', '/not/there'],
    ['ADMIN_JWT_ISSUER', 'https://idp.example'], // without ADMIN_AUTH=jwt
    ['ADMIN_JWT_JWKS_URL', 'http://idp.example/jwks.json'],
    ['ADMIN_CALLER_HEADER', 'X-Client'], // nobody is to be believed
    ['ADMIN_CALLER_HEADER', 'X Client'],
    ['SERVE_TLS_ALLOW_TERMINATION_FROM', 'proxy.internal'],
    ['SERVE_TLS_ALLOW_TERMINATION_FROM', '10.0.0.0/33'],
    ['SERVE_TLS_ALLOW_TERMINATION_FROM', '::1/129'],
    ['SERVE_TLS_ALLOW_TERMINATION_FROM', '10.0.0.0/'],
    ['TRACING_PROVIDER', 'jaeger'],
    ['STRATEGIES_ACCESS_TOKEN', 'jwt'],
    ['STRATEGIES_ACCESS_TOKEN', 'Opaque'],
    ['SERVE_PUBLIC_PORT', '65536'],
    ['SERVE_ADMIN_PORT', '44 45'],
    ['URLS_SELF_ISSUER', 'id.example'],
    ['URLS_SELF_ISSUER', 'ftp://id.example'],
    ['URLS_SELF_ISSUER', 'https://id.example/?a=b'],
    ['URLS_SELF_ISSUER', 'https://id.example/#top'],
    ['URLS_CONSENT', 'javascript:alert(1)'],
    ['TTL_ID_TOKEN', '3600'],
    ['TTL_REFRESH_TOKEN', '-2'],
    ['SECRETS_SYSTEM', 'fifteen-letters'],
    ['SECRETS_SYSTEM', 'change-me-before-production'],
    ['SECRETS_COOKIE', 'youReallyNeedToChangeThis'],
    ['SECRETS_SYSTEM', 'sixteen-letters-,short'],
    ['SERVE_COOKIES_HOST_PREFIX', 'true'],
    ['OAUTH2_EXPOSE_INTERNAL_ERRORS', 'yes'],
    ['OAUTH2_REFRESH_TOKEN_REUSE', 'Revoke'],
    ['OAUTH2_REFRESH_TOKEN_GRACE_SECONDS', '-1'],
    ['INTROSPECTION_CONSISTENCY', 'eventual'],
    ['OIDC_SUBJECT_IDENTIFIERS_ENABLED', 'secret'],
    ['LOG_LEVEL', 'verbose'],
    ['LOG_FORMAT', 'xml'],
  ])('%s=%s, in one line that names the variable and not the value', (name, value) => {
    const message = refusal({ [name]: value });
    expect(message).toMatch(new RegExp(`^${name} `));
    expect(message).not.toContain('\n');
    if (name.startsWith('SECRETS') || name === 'DATABASE_URL') expect(message).not.toContain(value);
  });

  it('a way to know callers of which a part is missing, or belongs to another', () => {
    const jwt = {
      ...{ ADMIN_AUTH: 'jwt', ADMIN_JWT_ISSUER: 'https://idp.example', ADMIN_JWT_AUDIENCE: 'admin' },
      ADMIN_JWT_JWKS_URL: 'https://idp.example/jwks.json',
    };
    expect(read(jwt).adminAuth).toMatchObject({ kind: 'jwt', audience: 'admin', scopeClaim: 'scope' });
    for (const name of ['ADMIN_JWT_ISSUER', 'ADMIN_JWT_AUDIENCE', 'ADMIN_JWT_JWKS_URL']) {
      expect(refusal({ ...jwt, [name]: '' })).toBe(`${name} must be set with ADMIN_AUTH=jwt`);
    }
    const proxy = { ADMIN_CALLER_HEADER: 'X-Client', SERVE_TLS_ALLOW_TERMINATION_FROM: '10.0.0.1' };
    expect(read(proxy).adminAuth).toEqual({ kind: 'none', callerHeader: 'x-client' });
    expect(refusal({ ...proxy, ADMIN_AUTH: 'token' })).toMatch(/^ADMIN_CALLER_HEADER counts only with/);
  });

  it('EventStoreDB without a system secret: a generated one would be another for each instance', () => {
    expect(refusal({ EVENT_STORE: 'esdb://user:pass@localhost:2113' })).toMatch(/^SECRETS_SYSTEM must be set/);
  });

  it('pairwise identifiers without a salt, or with a short one', () => {
    const pairwise = { OIDC_SUBJECT_IDENTIFIERS_ENABLED: 'pairwise' };
    const name = 'OIDC_SUBJECT_IDENTIFIERS_PAIRWISE_SALT';
    expect(refusal(pairwise)).toContain(name);
    expect(refusal({ ...pairwise, [name]: '1234567' })).toContain(name);
    expect(read({ ...pairwise, [name]: '12345678' })).toMatchObject({
      subjectTypes: ['pairwise'],
      pairwiseSalt: '12345678',
    });
  });
});

describe('Kafka', () => {
  const brokers = { KAFKA_BROKERS: 'one.example:9092, [::1]:9093' };

  it('is not used unless brokers are named', () => expect(read().kafka).toBeUndefined());

  it('keeps everything for ever, in clear, from the beginning, unless told otherwise', () =>
    expect(read(brokers).kafka).toEqual({
      ...{ brokers: ['one.example:9092', '[::1]:9093'], clientId: 'hydrant', topicPrefix: 'hydrant.' },
      ...{ subjects: 'clear', tokenEvents: 'revoked', start: 'beginning' },
      ...{ partitions: 6, replication: 3, retentionMs: -1, tls: undefined, sasl: undefined },
    }));

  it('may be given certificates and a password by files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kafka-configuration-'));
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const { kafka } = read({
      ...brokers,
      KAFKA_TLS: 'true',
      KAFKA_TLS_CA_FILE: file('ca.pem', 'an authority'),
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'relay',
      KAFKA_SASL_PASSWORD_FILE: file('password', 'of the relay\n'),
    });
    rmSync(folder, { recursive: true });
    expect(kafka?.tls).toEqual({ ca: 'an authority' });
    expect(kafka?.sasl).toEqual({ mechanism: 'scram-sha-512', username: 'relay', password: 'of the relay' });
  });

  it.each<[string, Record<string, string>]>([
    ['KAFKA_TLS', { KAFKA_TLS_CA_FILE: import.meta.filename }],
    ['KAFKA_TLS_CERT_FILE', { KAFKA_TLS: 'true', KAFKA_TLS_KEY_FILE: import.meta.filename }],
    ['KAFKA_SASL_MECHANISM', { KAFKA_SASL_USERNAME: 'relay' }],
    ['KAFKA_SASL_USERNAME', { KAFKA_SASL_MECHANISM: 'plain' }],
    ['KAFKA_SASL_PASSWORD', { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'relay' }],
  ])('is refused, naming %s, when half of it is there', (name, half) =>
    expect(() => read({ ...brokers, ...half })).toThrow(new RegExp(`^${name} `)),
  );
});
