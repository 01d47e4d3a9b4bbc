import { parseDuration } from './duration.js';
import { ConfigurationError } from './configuration.js';

/** Names of rc.8 and before that still work, by the name that replaced them (oauth2-flows.md 5). */
const legacyNames: Readonly<Record<string, readonly string[]>> = {
  SERVE_PUBLIC_HOST: ['PUBLIC_HOST'],
  SERVE_PUBLIC_PORT: ['PUBLIC_PORT'],
  SERVE_ADMIN_HOST: ['ADMIN_HOST'],
  SERVE_ADMIN_PORT: ['ADMIN_PORT'],
  SERVE_TLS_ALLOW_TERMINATION_FROM: ['HTTPS_ALLOW_TERMINATION_FROM'],
  URLS_SELF_ISSUER: ['OAUTH2_ISSUER_URL', 'ISSUER_URL', 'ISSUER'],
  URLS_LOGIN: ['OAUTH2_LOGIN_URL'],
  URLS_CONSENT: ['OAUTH2_CONSENT_URL'],
  URLS_ERROR: ['OAUTH2_ERROR_URL'],
  URLS_POST_LOGOUT_REDIRECT: ['OAUTH2_LOGOUT_REDIRECT_URL'],
  TTL_ACCESS_TOKEN: ['ACCESS_TOKEN_LIFESPAN'],
  TTL_REFRESH_TOKEN: ['REFRESH_TOKEN_LIFESPAN'],
  TTL_ID_TOKEN: ['ID_TOKEN_LIFESPAN'],
  TTL_AUTH_CODE: ['AUTH_CODE_LIFESPAN'],
  TTL_LOGIN_CONSENT_REQUEST: ['LOGIN_CONSENT_REQUEST_LIFESPAN'],
  STRATEGIES_SCOPE: ['SCOPE_STRATEGY'],
  STRATEGIES_ACCESS_TOKEN: ['OAUTH2_ACCESS_TOKEN_STRATEGY'],
  SECRETS_SYSTEM: ['SYSTEM_SECRET'],
  SECRETS_COOKIE: ['COOKIE_SECRET'],
  OAUTH2_EXPOSE_INTERNAL_ERRORS: ['OAUTH2_SHARE_ERROR_DEBUG'],
  OIDC_SUBJECT_IDENTIFIERS_ENABLED: ['OIDC_SUBJECT_TYPES_SUPPORTED'],
  OIDC_SUBJECT_IDENTIFIERS_PAIRWISE_SALT: ['OIDC_SUBJECT_TYPE_PAIRWISE_SALT'],
  WEBFINGER_OIDC_DISCOVERY_CLIENT_REGISTRATION_URL: ['OAUTH2_CLIENT_REGISTRATION_URL'],
  WEBFINGER_OIDC_DISCOVERY_SUPPORTED_CLAIMS: ['OIDC_DISCOVERY_CLAIMS_SUPPORTED'],
  WEBFINGER_OIDC_DISCOVERY_SUPPORTED_SCOPE: ['OIDC_DISCOVERY_SCOPES_SUPPORTED'],
  WEBFINGER_OIDC_DISCOVERY_USERINFO_URL: ['OIDC_DISCOVERY_USERINFO_ENDPOINT'],
};

/** Reads single variables of an environment; every method throws `ConfigurationError` naming the variable it does not like. */
export class Environment {
  readonly warnings: string[] = [];

  constructor(private readonly variables: Readonly<Record<string, string | undefined>>) {}

  /** The value of a variable or of one of its legacy names; an empty value counts as unset. */
  text(name: string): string | undefined {
    const value = this.variables[name];
    if (value !== undefined && value !== '') return value;
    for (const legacy of legacyNames[name] ?? []) {
      const legacyValue = this.variables[legacy];
      if (legacyValue === undefined || legacyValue === '') continue;
      this.warn(`${legacy} is a legacy name, use ${name}`);
      return legacyValue;
    }
    return undefined;
  }

  /** One line for each name, however often it is read. */
  private warn(line: string): void {
    if (!this.warnings.includes(line)) this.warnings.push(line);
  }

  list(name: string): string[] {
    return (this.text(name) ?? '').split(/[\s,]+/).filter((item) => item !== '');
  }

  port(name: string, otherwise: number): number {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) throw refuse(name, 'must be a port number from 0 to 65535');
    return Number(text);
  }

  flag(name: string): boolean {
    const text = this.text(name) ?? 'false';
    if (text !== 'true' && text !== 'false' && text !== '1' && text !== '0')
      throw refuse(name, 'must be true or false');
    return text === 'true' || text === '1';
  }

  oneOf<Value extends string>(name: string, values: readonly Value[], otherwise: Value): Value {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const found = values.find((value) => value === text);
    if (found === undefined) throw refuse(name, `must be one of ${values.join(', ')}`);
    return found;
  }

  seconds(name: string, otherwise: number): number {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    if (!/^\d{1,9}$/.test(text)) throw refuse(name, 'must be a whole number of seconds');
    return Number(text);
  }

  durationMs(name: string, otherwise: string): number {
    const ms = parseDuration(this.text(name) ?? otherwise);
    if (ms === undefined)
      throw refuse(name, 'must be a positive duration such as 30m or 1h, of at most a thousand years');
    return ms;
  }

  /** An absolute http(s) URL, as given. */
  url(name: string): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
      throw refuse(name, 'must be an absolute http or https URL');
    return text;
  }
}

/** A `ConfigurationError` in the one form all of them have. */
export function refuse(name: string, what: string): ConfigurationError {
  return new ConfigurationError(`${name} ${what}`);
}
