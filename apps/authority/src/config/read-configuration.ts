import { Configuration } from './configuration.js';
import { Environment, refuse } from './environment.js';
import { readAdminAuth } from './read-admin-auth.js';
import { readKafka } from './read-kafka.js';
import { type VariableName, variables } from './variables.js';

/**
 * Reads and validates the configuration; `variables.ts` says what each variable is.
 *
 * @throws ConfigurationError one line naming the variable
 */
export function readConfiguration(variables: Readonly<Record<string, string | undefined>>): {
  configuration: Configuration;
  warnings: readonly string[];
} {
  const env = new Environment(variables);
  refuseWhatIsNotThere(env);
  const publicListener = {
    host: env.text('SERVE_PUBLIC_HOST'),
    port: env.port('SERVE_PUBLIC_PORT'),
    maxConnections: env.count('SERVE_PUBLIC_MAX_CONNECTIONS'),
  };
  const issuer = readIssuer(env, publicListener.port);
  const configuration = new Configuration({
    dataDir: env.text('DATA_DIR'),
    eventStore: readEventStore(env),
    public: publicListener,
    admin: {
      host: env.text('SERVE_ADMIN_HOST'),
      port: env.port('SERVE_ADMIN_PORT'),
      maxConnections: env.count('SERVE_ADMIN_MAX_CONNECTIONS'),
      allowedHosts: env.list('SERVE_ADMIN_ALLOWED_HOSTS').map((name) => name.toLowerCase()),
      allowedOrigins: readAllowedOrigins(env),
    },
    trustedProxies: env.networks('SERVE_TLS_ALLOW_TERMINATION_FROM'),
    adminAuth: readAdminAuth(env),
    requestTimeoutMs: env.durationMs('SERVE_REQUEST_TIMEOUT'),
    relay: { host: env.text('SERVE_RELAY_HOST'), port: env.port('SERVE_RELAY_PORT') },
    issuer,
    publicUrl: env.url('URLS_SELF_PUBLIC') ?? issuer,
    urls: readUrls(env, issuer),
    ttlMs: readLifespans(env),
    retention: readRetention(env),
    scopeStrategy: env.oneOf('STRATEGIES_SCOPE'),
    systemSecrets: readSystemSecrets(env),
    cookieSecret: readCookieSecret(env),
    cookieHostPrefix: readCookieHostPrefix(env, issuer),
    exposeInternalErrors: env.flag('OAUTH2_EXPOSE_INTERNAL_ERRORS'),
    ...readSubjectIdentifiers(env),
    defaultClientScope: env.list('OIDC_DYNAMIC_CLIENT_REGISTRATION_DEFAULT_SCOPE').join(' '),
    discovery: {
      supportedClaims: env.list('WEBFINGER_OIDC_DISCOVERY_SUPPORTED_CLAIMS'),
      supportedScopes: env.list('WEBFINGER_OIDC_DISCOVERY_SUPPORTED_SCOPE'),
      userinfoUrl: env.url('WEBFINGER_OIDC_DISCOVERY_USERINFO_URL'),
      clientRegistrationUrl: env.url('WEBFINGER_OIDC_DISCOVERY_CLIENT_REGISTRATION_URL'),
      broadcastKeySets: env.list('WEBFINGER_JWKS_BROADCAST_KEYS'),
    },
    refreshTokenReuse: env.oneOf('OAUTH2_REFRESH_TOKEN_REUSE'),
    refreshTokenGraceSeconds: env.seconds('OAUTH2_REFRESH_TOKEN_GRACE_SECONDS'),
    pkceEnforcedFor: readPkceEnforcement(env),
    clientAssertionCompat: env.oneOf('OAUTH2_CLIENT_ASSERTION_COMPAT'),
    introspectionConsistency: env.oneOf('INTROSPECTION_CONSISTENCY'),
    outboundAllowPrivateAddresses: env.flag('OUTBOUND_ALLOW_PRIVATE_ADDRESSES'),
    kafka: readKafka(env),
    log: {
      level: env.oneOf('LOG_LEVEL'),
      format: env.oneOf('LOG_FORMAT'),
    },
  });
  return { configuration, warnings: env.warnings };
}

/** What is not there may be switched off: `false` or `0` asks for nothing. A database, though, is never used. */
function refuseWhatIsNotThere(env: Environment): void {
  for (const name of ['DSN', 'DATABASE_URL'] as const) {
    if (env.text(name) !== undefined) throw refuse(name, `is not used: ${variables[name].refused}`);
  }
  for (const name of Object.keys(variables) as VariableName[]) {
    const { refused } = variables[name];
    const value = refused === undefined ? undefined : env.text(name);
    if (value !== undefined && value !== 'false' && value !== '0') throw refuse(name, `cannot be used: ${refused}`);
  }
  if (env.oneOf('STRATEGIES_ACCESS_TOKEN') === 'jwt') {
    throw refuse('STRATEGIES_ACCESS_TOKEN', 'must be opaque: JWT access tokens are not part of this version');
  }
}

function readEventStore(env: Environment): Configuration['eventStore'] {
  const url = env.text('EVENT_STORE');
  const prefix = env.text('EVENT_STORE_PREFIX');
  if (url === 'sqlite') return { kind: 'sqlite' };
  if (!/^esdb(\+discover)?:\/\//.test(url))
    throw refuse('EVENT_STORE', 'must be sqlite or an esdb:// connection string');
  if (env.list('SECRETS_SYSTEM').length === 0) {
    throw refuse('SECRETS_SYSTEM', 'must be set with EventStoreDB: every instance needs the same');
  }
  return { kind: 'eventstoredb', url, prefix };
}

function readIssuer(env: Environment, port: number): string {
  const url = env.url('URLS_SELF_ISSUER') ?? `http://localhost:${port}`;
  const { search, hash } = new URL(url);
  if (search !== '' || hash !== '')
    throw refuse('URLS_SELF_ISSUER', 'must have neither query nor fragment (RFC 8414 2)');
  return `${url.replace(/\/+$/, '')}/`;
}

function readUrls(env: Environment, issuer: string): Configuration['urls'] {
  return {
    login: env.url('URLS_LOGIN') ?? `${issuer}oauth2/fallbacks/consent`,
    consent: env.url('URLS_CONSENT') ?? `${issuer}oauth2/fallbacks/consent`,
    error: env.url('URLS_ERROR') ?? `${issuer}oauth2/fallbacks/error`,
    postLogoutRedirect: env.url('URLS_POST_LOGOUT_REDIRECT') ?? `${issuer}oauth2/fallbacks/logout`,
  };
}

function readLifespans(env: Environment): Configuration['ttlMs'] {
  return {
    accessToken: env.durationMs('TTL_ACCESS_TOKEN'),
    refreshToken: env.text('TTL_REFRESH_TOKEN') === '-1' ? null : env.durationMs('TTL_REFRESH_TOKEN'),
    idToken: env.durationMs('TTL_ID_TOKEN'),
    authCode: env.durationMs('TTL_AUTH_CODE'),
    loginConsentRequest: env.durationMs('TTL_LOGIN_CONSENT_REQUEST'),
  };
}

const shortestGraceMs = 3_600_000;

function readRetention(env: Environment): Configuration['retention'] {
  const graceMs = env.durationMs('RETENTION_GRACE');
  if (graceMs < shortestGraceMs) throw refuse('RETENTION_GRACE', 'must be an hour or more');
  return { enabled: env.oneOf('RETENTION') === 'on', graceMs };
}

/** What stands in examples, ours and Hydra's: everybody knows it. */
const placeholders = ['change-me-before-production', 'youReallyNeedToChangeThis', 'this-is-the-primary-secret'];

/** A placeholder may still open what was sealed with it: by the side of the one that takes its place. */
function readSystemSecrets(env: Environment): string[] {
  const secrets = env.list('SECRETS_SYSTEM');
  if (placeholders.includes(secrets[0] ?? ''))
    throw refuse('SECRETS_SYSTEM', 'is a placeholder that everybody knows: make one, by `openssl rand -hex 32`');
  if (secrets.some((secret) => secret.length < 16))
    throw refuse('SECRETS_SYSTEM', 'must have at least 16 characters in each value');
  return secrets;
}

function readAllowedOrigins(env: Environment): string[] {
  const origins = env.list('SERVE_ADMIN_ALLOWED_ORIGINS');
  if (origins.some((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin))
    throw refuse('SERVE_ADMIN_ALLOWED_ORIGINS', 'must list origins such as https://console.example.org');
  return origins;
}

function readCookieSecret(env: Environment): string | undefined {
  const secret = env.text('SECRETS_COOKIE');
  if (secret !== undefined && placeholders.includes(secret))
    throw refuse('SECRETS_COOKIE', 'is a placeholder that everybody knows');
  if (secret !== undefined && secret.length < 16) throw refuse('SECRETS_COOKIE', 'must have at least 16 characters');
  return secret;
}

function readPkceEnforcement(env: Environment): Configuration['pkceEnforcedFor'] {
  if (env.flag('OAUTH2_PKCE_ENFORCED')) return 'all';
  return env.flag('OAUTH2_PKCE_ENFORCED_FOR_PUBLIC_CLIENTS') ? 'public' : 'nobody';
}

function readCookieHostPrefix(env: Environment, issuer: string): boolean {
  const wanted = env.flag('SERVE_COOKIES_HOST_PREFIX');
  if (wanted && !issuer.startsWith('https:'))
    throw refuse('SERVE_COOKIES_HOST_PREFIX', 'needs an https:// issuer: browsers keep such cookies with https only');
  return wanted;
}

function readSubjectIdentifiers(env: Environment): Pick<Configuration, 'subjectTypes' | 'pairwiseSalt'> {
  const named = env.list('OIDC_SUBJECT_IDENTIFIERS_ENABLED');
  const subjectTypes = (['public', 'pairwise'] as const).filter((type) => named.includes(type));
  if (subjectTypes.length === 0) throw refuse('OIDC_SUBJECT_IDENTIFIERS_ENABLED', 'must name public or pairwise');
  const pairwiseSalt = env.text('OIDC_SUBJECT_IDENTIFIERS_PAIRWISE_SALT');
  if (subjectTypes.includes('pairwise') && (pairwiseSalt === undefined || pairwiseSalt.length < 8)) {
    throw refuse('OIDC_SUBJECT_IDENTIFIERS_PAIRWISE_SALT', 'must have at least 8 characters when pairwise is enabled');
  }
  return { subjectTypes, pairwiseSalt };
}
