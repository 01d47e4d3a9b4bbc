/** One environment variable: what reading it goes by, and what `docs/configuration.md` says about it. */
export type Variable = {
  /** Names of rc.8 and before that still work (oauth2-flows.md 5). */
  readonly legacy?: readonly string[];
  /** What counts when it is not set, as it would be written. */
  readonly default?: string;
  /** In words, where what counts then is no fixed text. */
  readonly unset?: string;
  /** The only values it may have. */
  readonly choices?: readonly string[];
  /** What it is for; the beginning of a line in Markdown. */
  readonly meaning?: string;
  /** Why it stops the start: its feature is not there, and being told to use it must not be ignored. */
  readonly refused?: string;
};

const noTls = 'TLS is not served; put a TLS-terminating proxy in front and use an https:// issuer';
const noCors = 'CORS is not part of this version';

/** Every variable the authority reads, in the order and under the headings of the page. Names are Hydra's where Hydra has one. */
export const variableGroups = {
  'The event log': {
    DATA_DIR: {
      default: './data',
      meaning: 'folder of the event log, the read model and the generated system secret; belongs to one process',
    },
    EVENT_STORE: {
      default: 'sqlite',
      meaning:
        'where the event log is: `sqlite`, in `DATA_DIR`, or an `esdb://` connection string ([eventstoredb.md](eventstoredb.md))',
    },
    EVENT_STORE_PREFIX: {
      default: 'hydrant.',
      meaning: 'with EventStoreDB: what stands in front of every stream name, so that a server can be shared',
    },
    RETENTION: {
      default: 'on',
      choices: ['on', 'off'],
      meaning: '`off`: logins, grants and tokens that are over stay in the log for ever',
    },
    RETENTION_GRACE: {
      default: '168h',
      meaning: 'for so long what is over stays before it is deleted; an hour at least ([operations.md](operations.md))',
    },
    DSN: { refused: 'the log is configured by EVENT_STORE and DATA_DIR' },
    DATABASE_URL: { refused: 'the log is configured by EVENT_STORE and DATA_DIR' },
  },
  'Kafka ([events.md](events.md))': {
    KAFKA_BROKERS: {
      unset: 'nothing is published',
      meaning: 'brokers to begin with, `host:port`; with the embedded log `serve all` then publishes every change',
    },
    KAFKA_CLIENT_ID: { default: 'hydrant', meaning: 'what brokers call the relay in their logs and quotas' },
    KAFKA_TOPIC_PREFIX: { default: 'hydrant.', meaning: 'stands in front of every topic and of the transactional id' },
    KAFKA_SUBJECTS: {
      default: 'clear',
      choices: ['clear', 'hash'],
      meaning: 'whether events name persons as the login app does, or by a keyed hash only',
    },
    KAFKA_TOKEN_EVENTS: {
      default: 'revoked',
      choices: ['revoked', 'all'],
      meaning: '`all`: also what is issued and refreshed, not only what ends',
    },
    KAFKA_PARTITIONS: {
      default: '6',
      meaning: 'partitions of topics that the relay makes; it can never be changed afterwards',
    },
    KAFKA_REPLICATION: {
      default: '3',
      meaning: 'replicas of topics that the relay makes; with 3 and more, 2 of them must have what is acknowledged',
    },
    KAFKA_RETENTION: { unset: 'for ever', meaning: 'for so long Kafka keeps events in topics that the relay makes' },
    KAFKA_START: {
      default: 'beginning',
      choices: ['beginning', 'now'],
      meaning: 'at the very first start: publish the whole log, or what comes from now on',
    },
    SERVE_RELAY_HOST: {
      default: '127.0.0.1',
      meaning: 'address that `relay run` answers health checks and metrics at',
    },
    SERVE_RELAY_PORT: { default: '4446', meaning: 'its port; `0` takes any free one' },
    KAFKA_TLS: { default: 'false', meaning: '`true`: connections to the brokers are encrypted' },
    KAFKA_TLS_CA_FILE: { unset: "the system's", meaning: 'certificates of authorities to trust, PEM' },
    KAFKA_TLS_CERT_FILE: { meaning: 'our own certificate, PEM; with `KAFKA_TLS_KEY_FILE`' },
    KAFKA_TLS_KEY_FILE: { meaning: 'its key, PEM' },
    KAFKA_SASL_MECHANISM: {
      default: 'none',
      choices: ['none', 'plain', 'scram-sha-256', 'scram-sha-512'],
      meaning: 'how to log in to the brokers',
    },
    KAFKA_SASL_USERNAME: { meaning: 'as whom' },
    KAFKA_SASL_PASSWORD: { meaning: 'the password' },
    KAFKA_SASL_PASSWORD_FILE: { meaning: 'a file that holds it, instead' },
  },
  'Listeners and URLs': {
    SERVE_PUBLIC_HOST: {
      legacy: ['PUBLIC_HOST'],
      default: '0.0.0.0',
      meaning: 'address the public listener binds to',
    },
    SERVE_PUBLIC_PORT: { legacy: ['PUBLIC_PORT'], default: '4444', meaning: 'its port; `0` takes any free one' },
    SERVE_ADMIN_HOST: {
      legacy: ['ADMIN_HOST'],
      default: '127.0.0.1',
      meaning:
        'address the Admin API binds to; beyond this machine only with `ADMIN_AUTH`, or behind something else that asks who calls',
    },
    SERVE_ADMIN_PORT: { legacy: ['ADMIN_PORT'], default: '4445', meaning: 'its port; `0` takes any free one' },
    SERVE_PUBLIC_MAX_CONNECTIONS: {
      default: '10000',
      meaning:
        'connections to the public listener beyond so many are closed; the process needs as many file descriptors',
    },
    SERVE_ADMIN_MAX_CONNECTIONS: { default: '10000', meaning: 'the same of the admin listener' },
    SERVE_ADMIN_ALLOWED_HOSTS: {
      unset: 'none',
      meaning:
        'names by which the admin listener is called besides IP addresses, `localhost`, `*.localhost`, `*.internal` and, where it is bound beyond loopback, single labels, `*.svc`, `*.svc.cluster.local`, `*.local`; `.example.org` is a suffix, `*` any name. Others are answered 421',
    },
    SERVE_ADMIN_ALLOWED_ORIGINS: {
      unset: 'none',
      meaning: 'origins of web pages that may call the Admin API; those of others are answered 403',
    },
    SERVE_REQUEST_TIMEOUT: {
      default: '30s',
      meaning: 'a request that has not come whole by then, headers and body, is answered 408 and its connection closed',
    },
    URLS_SELF_ISSUER: {
      legacy: ['OAUTH2_ISSUER_URL', 'ISSUER_URL', 'ISSUER'],
      unset: '`http://localhost:` and the public port',
      meaning: 'issuer identifier; with `https://` put a TLS-terminating proxy in front, cookies are `Secure` then',
    },
    URLS_SELF_PUBLIC: {
      unset: 'the issuer',
      meaning: "where clients reach the public listener, if not at the issuer's URL",
    },
    URLS_LOGIN: {
      legacy: ['OAUTH2_LOGIN_URL'],
      unset: 'a page that says it is not set',
      meaning: 'your login app',
    },
    URLS_CONSENT: {
      legacy: ['OAUTH2_CONSENT_URL'],
      unset: 'a page that says it is not set',
      meaning: 'your consent app',
    },
    URLS_ERROR: {
      legacy: ['OAUTH2_ERROR_URL'],
      unset: 'a plain page',
      meaning: 'where the browser is sent with errors the client must not get',
    },
    URLS_POST_LOGOUT_REDIRECT: {
      legacy: ['OAUTH2_LOGOUT_REDIRECT_URL'],
      unset: 'a plain page',
      meaning: 'where the browser is sent after logout',
    },
    SERVE_COOKIES_HOST_PREFIX: {
      default: 'false',
      meaning:
        '`true`: names of cookies begin with `__Host-`, so that no neighbour in the domain can set them; needs an `https://` issuer, and whoever is logged in logs in once more',
    },
    OUTBOUND_ALLOW_PRIVATE_ADDRESSES: {
      default: 'false',
      meaning:
        '`true`: URLs that clients register (`sector_identifier_uri`, `jwks_uri`) may lead to private, loopback and link-local addresses; `jwks_uri` may be `http:` then',
    },
    SERVE_TLS_CERT_PATH: { refused: noTls },
    SERVE_TLS_CERT_BASE64: { refused: noTls },
    SERVE_TLS_KEY_PATH: { refused: noTls },
    SERVE_TLS_KEY_BASE64: { refused: noTls },
    SERVE_TLS_ALLOW_TERMINATION_FROM: {
      legacy: ['HTTPS_ALLOW_TERMINATION_FROM'],
      unset: 'none',
      meaning:
        'list of addresses and networks (`10.0.0.0/8`) of the proxies in front: what they say about a request in its headers counts; requests from elsewhere are served all the same',
    },
    SERVE_PUBLIC_CORS_ENABLED: { refused: noCors },
    SERVE_ADMIN_CORS_ENABLED: { refused: noCors },
    CORS_ENABLED: { refused: noCors },
  },
  'Who may call the Admin API ([security.md](security.md))': {
    ADMIN_AUTH: {
      default: 'none',
      choices: ['none', 'token', 'jwt'],
      meaning:
        'how callers show who they are: not at all, by a token of `hydrant admin-tokens`, or by a JWT of your own',
    },
    ADMIN_TOKEN_FILE: {
      meaning:
        'with `token`: a file with one token more, of 32 characters or more, that may do everything; its holder is called `bootstrap`',
    },
    ADMIN_JWT_ISSUER: { meaning: 'with `jwt`: the `iss` that tokens must have' },
    ADMIN_JWT_AUDIENCE: { meaning: 'with `jwt`: what their `aud` must be, or have among others' },
    ADMIN_JWT_JWKS_URL: {
      meaning: 'with `jwt`: where the keys are that sign them; `OUTBOUND_ALLOW_PRIVATE_ADDRESSES` counts',
    },
    ADMIN_JWT_SCOPE_CLAIM: {
      default: 'scope',
      meaning: 'with `jwt`: the claim with what the caller may do, a list or a text with blanks in between',
    },
    ADMIN_CALLER_HEADER: {
      meaning:
        'with `none`: the header in which a proxy of `SERVE_TLS_ALLOW_TERMINATION_FROM` says who calls, for the `actor` of events',
    },
  },
  Secrets: {
    SECRETS_SYSTEM: {
      legacy: ['SYSTEM_SECRET'],
      unset: 'generated, in `DATA_DIR/system-secret`; with EventStoreDB it must be set',
      meaning: 'seals the root key; a list, at least 16 characters each: the first seals, all unseal',
    },
    SECRETS_COOKIE: {
      legacy: ['COOKIE_SECRET'],
      unset: 'derived from the root key',
      meaning: 'signs cookies; at least 16 characters',
    },
  },
  'Lifespans and strategies': {
    TTL_ACCESS_TOKEN: { legacy: ['ACCESS_TOKEN_LIFESPAN'], default: '1h', meaning: 'life of an access token' },
    TTL_REFRESH_TOKEN: {
      legacy: ['REFRESH_TOKEN_LIFESPAN'],
      default: '720h',
      meaning: 'life of a refresh token, anew at each rotation; `-1`: it never expires',
    },
    TTL_ID_TOKEN: { legacy: ['ID_TOKEN_LIFESPAN'], default: '1h', meaning: 'life of an ID token' },
    TTL_AUTH_CODE: { legacy: ['AUTH_CODE_LIFESPAN'], default: '10m', meaning: 'life of an authorization code' },
    TTL_LOGIN_CONSENT_REQUEST: {
      legacy: ['LOGIN_CONSENT_REQUEST_LIFESPAN'],
      default: '30m',
      meaning: 'time for login and consent together',
    },
    STRATEGIES_SCOPE: {
      legacy: ['SCOPE_STRATEGY'],
      default: 'wildcard',
      // oauth2-flows.md 3.6; rc.8 takes a misspelt one for `wildcard`, which may grant more than was meant
      choices: ['wildcard', 'exact', 'DEPRECATED_HIERARCHICAL_SCOPE_STRATEGY'],
      meaning: 'how scopes are compared',
    },
    STRATEGIES_ACCESS_TOKEN: {
      legacy: ['OAUTH2_ACCESS_TOKEN_STRATEGY'],
      default: 'opaque',
      choices: ['opaque', 'jwt'],
      meaning: 'form of access tokens; `jwt` is not part of this version and refused',
    },
    OAUTH2_REFRESH_TOKEN_REUSE: {
      default: 'revoke',
      choices: ['revoke', 'ignore'],
      meaning: 'a refresh token used twice ends the grant, or is only refused',
    },
    OAUTH2_REFRESH_TOKEN_GRACE_SECONDS: {
      default: '0',
      meaning: 'for so long a rotated refresh token may be used once more',
    },
    OAUTH2_PKCE_ENFORCED: {
      default: 'false',
      meaning: '`true`: authorization requests need a `code_challenge` (RFC 7636)',
    },
    OAUTH2_PKCE_ENFORCED_FOR_PUBLIC_CLIENTS: {
      default: 'false',
      meaning: '`true`: those of clients without a secret do',
    },
    OAUTH2_CLIENT_ASSERTION_COMPAT: {
      default: 'none',
      choices: ['none', 'rc8'],
      meaning: '`rc8`: the assertions of `private_key_jwt` need no `exp`, and whoever sees one may use it again',
    },
    INTROSPECTION_CONSISTENCY: {
      default: 'strict',
      choices: ['strict', 'bounded'],
      meaning: '`bounded`: introspection may answer from what was true less than a second ago',
    },
  },
  'Subjects, clients, discovery': {
    OIDC_SUBJECT_IDENTIFIERS_ENABLED: {
      legacy: ['OIDC_SUBJECT_TYPES_SUPPORTED'],
      default: 'public',
      meaning: 'list of `public` and `pairwise`',
    },
    OIDC_SUBJECT_IDENTIFIERS_PAIRWISE_SALT: {
      legacy: ['OIDC_SUBJECT_TYPE_PAIRWISE_SALT'],
      meaning: 'needed with `pairwise`, at least 8 characters; changing it changes every pairwise identifier',
    },
    OIDC_DYNAMIC_CLIENT_REGISTRATION_DEFAULT_SCOPE: {
      default: 'offline_access offline openid',
      meaning: 'scope of clients registered without one',
    },
    WEBFINGER_JWKS_BROADCAST_KEYS: {
      meaning: 'further key sets whose public keys `/.well-known/jwks.json` shows',
    },
    WEBFINGER_OIDC_DISCOVERY_CLIENT_REGISTRATION_URL: {
      legacy: ['OAUTH2_CLIENT_REGISTRATION_URL'],
      meaning: '`registration_endpoint` of the discovery document',
    },
    WEBFINGER_OIDC_DISCOVERY_SUPPORTED_CLAIMS: {
      legacy: ['OIDC_DISCOVERY_CLAIMS_SUPPORTED'],
      meaning: 'claims the discovery document lists besides `sub`',
    },
    WEBFINGER_OIDC_DISCOVERY_SUPPORTED_SCOPE: {
      legacy: ['OIDC_DISCOVERY_SCOPES_SUPPORTED'],
      meaning: 'scopes it lists besides `offline` and `openid`',
    },
    WEBFINGER_OIDC_DISCOVERY_USERINFO_URL: {
      legacy: ['OIDC_DISCOVERY_USERINFO_ENDPOINT'],
      unset: 'our own',
      meaning: '`userinfo_endpoint` of the discovery document',
    },
  },
  'Logs and errors': {
    LOG_LEVEL: {
      default: 'info',
      choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      meaning: 'what is logged',
    },
    LOG_FORMAT: { default: 'text', choices: ['text', 'json'], meaning: 'how it is logged' },
    OAUTH2_EXPOSE_INTERNAL_ERRORS: {
      legacy: ['OAUTH2_SHARE_ERROR_DEBUG'],
      default: 'false',
      meaning: 'show debug texts of errors to clients',
    },
    TRACING_PROVIDER: { refused: 'tracing is not part of this version' },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Variable>>>>;

type Groups = typeof variableGroups;
type Variables = { [Group in keyof Groups]: (_: Groups[Group]) => void }[keyof Groups] extends (_: infer All) => void
  ? All
  : never;

/** The name of a variable of the table: no other can be read. */
export type VariableName = keyof Variables;

/** Names of those that always have a value. */
export type DefaultedName = {
  [Name in VariableName]: Variables[Name] extends { readonly default: string } ? Name : never;
}[VariableName];

/** Names of those that have one of a few values. */
export type ChoiceName = {
  [Name in DefaultedName]: Variables[Name] extends { readonly choices: readonly string[] } ? Name : never;
}[DefaultedName];

export type Choice<Name extends ChoiceName> = Variables[Name]['choices'][number];

/** All of them, by their names. */
export const variables = Object.assign({}, ...Object.values(variableGroups)) as Readonly<
  Record<VariableName, Variable>
>;
