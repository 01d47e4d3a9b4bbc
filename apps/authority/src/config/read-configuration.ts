import { Configuration } from './configuration.js';
import { Environment, refuse } from './environment.js';

/** Settings whose feature is not there yet; being told to use one stops the start instead of being ignored. */
const notYet: Readonly<Record<string, string>> = {
  KAFKA_BROKERS: 'the relay to Kafka is not part of this version',
  SERVE_TLS_CERT_PATH: 'TLS is not served; put a TLS-terminating proxy in front and use an https:// issuer',
  SERVE_TLS_CERT_BASE64: 'TLS is not served; put a TLS-terminating proxy in front and use an https:// issuer',
  SERVE_TLS_KEY_PATH: 'TLS is not served; put a TLS-terminating proxy in front and use an https:// issuer',
  SERVE_TLS_KEY_BASE64: 'TLS is not served; put a TLS-terminating proxy in front and use an https:// issuer',
  SERVE_TLS_ALLOW_TERMINATION_FROM: 'restricting TLS termination is not part of this version',
  SERVE_PUBLIC_CORS_ENABLED: 'CORS is not part of this version',
  SERVE_ADMIN_CORS_ENABLED: 'CORS is not part of this version',
  CORS_ENABLED: 'CORS is not part of this version',
  TRACING_PROVIDER: 'tracing is not part of this version',
};

/** Names of scope strategies (oauth2-flows.md 3.6); rc.8 takes a misspelt one for `wildcard`, which may grant more than was meant. */
const scopeStrategies = ['wildcard', 'exact', 'DEPRECATED_HIERARCHICAL_SCOPE_STRATEGY'];

/**
 * Reads and validates the configuration. Variables have Hydra's names where Hydra has one.
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
    host: env.text('SERVE_PUBLIC_HOST') ?? '0.0.0.0',
    port: env.port('SERVE_PUBLIC_PORT', 4444),
  };
  const issuer = readIssuer(env, publicListener.port);
  const configuration = new Configuration({
    dataDir: env.text('DATA_DIR') ?? './data',
    eventStore: readEventStore(env),
    public: publicListener,
    admin: { host: env.text('SERVE_ADMIN_HOST') ?? '127.0.0.1', port: env.port('SERVE_ADMIN_PORT', 4445) },
    issuer,
    publicUrl: env.url('URLS_SELF_PUBLIC') ?? issuer,
    urls: readUrls(env, issuer),
    ttlMs: readLifespans(env),
    scopeStrategy: env.oneOf('STRATEGIES_SCOPE', scopeStrategies, 'wildcard'),
    systemSecrets: readSystemSecrets(env),
    cookieSecret: env.text('SECRETS_COOKIE'),
    exposeInternalErrors: env.flag('OAUTH2_EXPOSE_INTERNAL_ERRORS'),
    ...readSubjectIdentifiers(env),
    defaultClientScope:
      env.list('OIDC_DYNAMIC_CLIENT_REGISTRATION_DEFAULT_SCOPE').join(' ') || 'offline_access offline openid',
    discovery: {
      supportedClaims: env.list('WEBFINGER_OIDC_DISCOVERY_SUPPORTED_CLAIMS'),
      supportedScopes: env.list('WEBFINGER_OIDC_DISCOVERY_SUPPORTED_SCOPE'),
      userinfoUrl: env.url('WEBFINGER_OIDC_DISCOVERY_USERINFO_URL'),
      clientRegistrationUrl: env.url('WEBFINGER_OIDC_DISCOVERY_CLIENT_REGISTRATION_URL'),
      broadcastKeySets: env.list('WEBFINGER_JWKS_BROADCAST_KEYS'),
    },
    refreshTokenReuse: env.oneOf('OAUTH2_REFRESH_TOKEN_REUSE', ['revoke', 'ignore'], 'revoke'),
    refreshTokenGraceSeconds: env.seconds('OAUTH2_REFRESH_TOKEN_GRACE_SECONDS', 0),
    introspectionConsistency: env.oneOf('INTROSPECTION_CONSISTENCY', ['strict', 'bounded'], 'strict'),
    outboundAllowPrivateAddresses: env.flag('OUTBOUND_ALLOW_PRIVATE_ADDRESSES'),
    log: {
      level: env.oneOf('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'info'),
      format: env.oneOf('LOG_FORMAT', ['text', 'json'], 'text'),
    },
  });
  return { configuration, warnings: env.warnings };
}

function refuseWhatIsNotThere(env: Environment): void {
  if (env.text('DSN') !== undefined || env.text('DATABASE_URL') !== undefined) {
    throw refuse(
      env.text('DSN') === undefined ? 'DATABASE_URL' : 'DSN',
      'is not used: the log is configured by EVENT_STORE and DATA_DIR',
    );
  }
  for (const [name, why] of Object.entries(notYet)) {
    const value = env.text(name);
    if (value !== undefined && value !== 'false' && value !== '0') throw refuse(name, `cannot be used: ${why}`);
  }
  if (env.oneOf('STRATEGIES_ACCESS_TOKEN', ['opaque', 'jwt'], 'opaque') === 'jwt') {
    throw refuse('STRATEGIES_ACCESS_TOKEN', 'must be opaque: JWT access tokens are not part of this version');
  }
}

function readEventStore(env: Environment): Configuration['eventStore'] {
  const url = env.text('EVENT_STORE') ?? 'sqlite';
  const prefix = env.text('EVENT_STORE_PREFIX') ?? 'hydrant.';
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
    accessToken: env.durationMs('TTL_ACCESS_TOKEN', '1h'),
    refreshToken: env.text('TTL_REFRESH_TOKEN') === '-1' ? null : env.durationMs('TTL_REFRESH_TOKEN', '720h'),
    idToken: env.durationMs('TTL_ID_TOKEN', '1h'),
    authCode: env.durationMs('TTL_AUTH_CODE', '10m'),
    loginConsentRequest: env.durationMs('TTL_LOGIN_CONSENT_REQUEST', '30m'),
  };
}

function readSystemSecrets(env: Environment): string[] {
  const secrets = env.list('SECRETS_SYSTEM');
  if (secrets.some((secret) => secret.length < 16))
    throw refuse('SECRETS_SYSTEM', 'must have at least 16 characters in each value');
  return secrets;
}

function readSubjectIdentifiers(env: Environment): Pick<Configuration, 'subjectTypes' | 'pairwiseSalt'> {
  const named = env.list('OIDC_SUBJECT_IDENTIFIERS_ENABLED');
  const subjectTypes = (['public', 'pairwise'] as const).filter((type) => named.includes(type));
  if (named.length > 0 && subjectTypes.length === 0)
    throw refuse('OIDC_SUBJECT_IDENTIFIERS_ENABLED', 'must name public or pairwise');
  const pairwiseSalt = env.text('OIDC_SUBJECT_IDENTIFIERS_PAIRWISE_SALT');
  if (subjectTypes.includes('pairwise') && (pairwiseSalt === undefined || pairwiseSalt.length < 8)) {
    throw refuse('OIDC_SUBJECT_IDENTIFIERS_PAIRWISE_SALT', 'must have at least 8 characters when pairwise is enabled');
  }
  return { subjectTypes: subjectTypes.length > 0 ? subjectTypes : ['public'], pairwiseSalt };
}
