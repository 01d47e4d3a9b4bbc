/** Everything the authority can be told from outside, validated. Made by `readConfiguration`, once, at the composition root. */
export class Configuration {
  /** Folder of the embedded event log, the read model and the generated system secret. */
  readonly dataDir: string;
  /** `sqlite`: in `dataDir`, one process. `eventstoredb`: a server or cluster that several instances share. */
  readonly eventStore:
    { readonly kind: 'sqlite' } | { readonly kind: 'eventstoredb'; readonly url: string; readonly prefix: string };
  readonly public: LimitedListener;
  /** `allowedHosts`: names besides those of this machine and its network; `.suffix`, `*`. `allowedOrigins`: of web pages that may call it. */
  readonly admin: LimitedListener & {
    readonly allowedHosts: readonly string[];
    readonly allowedOrigins: readonly string[];
  };
  /** Where proxies in front of the listeners are: what they say about a request counts. */
  readonly trustedProxies: readonly Network[];
  readonly adminAuth: AdminAuth;
  /** In which a request must have come whole, headers and body. */
  readonly requestTimeoutMs: number;
  /** Where `relay run` answers health checks and metrics. */
  readonly relay: Listener;
  /** Issuer identifier with exactly one trailing `/`. */
  readonly issuer: string;
  /** Where clients reach the public listener, for URLs that are not the issuer's own. */
  readonly publicUrl: string;
  readonly urls: {
    readonly login: string;
    readonly consent: string;
    readonly error: string;
    readonly postLogoutRedirect: string;
  };
  /** All in milliseconds; a refresh token that never expires has `null`. */
  readonly ttlMs: {
    readonly accessToken: number;
    readonly refreshToken: number | null;
    readonly idToken: number;
    readonly authCode: number;
    readonly loginConsentRequest: number;
  };
  /** How long what is over is kept; `enabled` false: for ever, though logins are refused all the same. */
  readonly retention: { readonly enabled: boolean; readonly graceMs: number };
  readonly scopeStrategy: string;
  /** Empty: embedded mode generates one. The first seals, all unseal. */
  readonly systemSecrets: readonly string[];
  readonly cookieSecret: string | undefined;
  /** Names of cookies begin with `__Host-`, so that no neighbour in the domain can set them. */
  readonly cookieHostPrefix: boolean;
  readonly exposeInternalErrors: boolean;
  readonly subjectTypes: readonly ('public' | 'pairwise')[];
  readonly pairwiseSalt: string | undefined;
  readonly defaultClientScope: string;
  readonly discovery: {
    readonly supportedClaims: readonly string[];
    readonly supportedScopes: readonly string[];
    readonly userinfoUrl: string | undefined;
    readonly clientRegistrationUrl: string | undefined;
    readonly broadcastKeySets: readonly string[];
  };
  readonly refreshTokenReuse: 'revoke' | 'ignore';
  readonly refreshTokenGraceSeconds: number;
  /** Whose authorization requests need a `code_challenge`. */
  readonly pkceEnforcedFor: 'nobody' | 'public' | 'all';
  /** `rc8`: client assertions need no `exp` and may be used again. */
  readonly clientAssertionCompat: 'none' | 'rc8';
  readonly introspectionConsistency: 'strict' | 'bounded';
  /** Whether URLs that others registered may lead to this machine or its network. */
  readonly outboundAllowPrivateAddresses: boolean;
  /** Where every change is published; undefined: nowhere. */
  readonly kafka: KafkaConfiguration | undefined;
  readonly log: { readonly level: string; readonly format: 'text' | 'json' };

  constructor(values: Configuration) {
    Object.assign(this, values);
  }
}

export type Listener = {
  /** Host name or address to bind to. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
};

/** The addresses that have the first `prefix` bits of an IP address. */
export type Network = { readonly address: string; readonly prefix: number };

/** How callers of the Admin API show who they are. */
export type AdminAuth =
  /** Not at all; `callerHeader`, in lower case: where a trusted proxy names them. */
  | { readonly kind: 'none'; readonly callerHeader: string | undefined }
  /** By a token of the log, or by `fileToken`, which may do everything. */
  | { readonly kind: 'token'; readonly fileToken: string | undefined }
  /** By a JWT that somebody else made. `scopeClaim`: what says what the caller may do. */
  | {
      readonly kind: 'jwt';
      readonly issuer: string;
      readonly audience: string;
      readonly jwksUrl: string;
      readonly scopeClaim: string;
    };

/** Connections beyond `maxConnections` are closed as they come. */
export type LimitedListener = Listener & { readonly maxConnections: number };

/** How the relay reaches Kafka, and what it publishes there. */
export type KafkaConfiguration = {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly topicPrefix: string;
  readonly subjects: 'clear' | 'hash';
  readonly tokenEvents: 'revoked' | 'all';
  readonly partitions: number;
  readonly replication: number;
  /** -1: for ever. */
  readonly retentionMs: number;
  readonly start: 'beginning' | 'now';
  /** PEM texts; `undefined`: not encrypted. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  readonly sasl:
    | {
        readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
        readonly username: string;
        readonly password: string;
      }
    | undefined;
};

/** A configuration that cannot be used. The message is one line that names the variable. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
