import { type AdminAuth } from './configuration.js';
import { type Environment, refuse } from './environment.js';
import { type VariableName } from './variables.js';

/** What belongs to one way alone. Where another one is chosen, whoever set it believes that it counts. */
const belongsTo = {
  none: ['ADMIN_CALLER_HEADER'],
  token: ['ADMIN_TOKEN_FILE'],
  jwt: ['ADMIN_JWT_ISSUER', 'ADMIN_JWT_AUDIENCE', 'ADMIN_JWT_JWKS_URL'],
} as const satisfies Record<AdminAuth['kind'], readonly VariableName[]>;

/** How callers of the Admin API show who they are. @throws ConfigurationError */
export function readAdminAuth(env: Environment): AdminAuth {
  const kind = env.oneOf('ADMIN_AUTH');
  const callerHeader = readCallerHeader(env);
  const fileToken = readTokenFile(env);
  const jwt = readJwt(env);
  for (const [owner, names] of Object.entries(belongsTo)) {
    const stray = owner === kind ? undefined : names.find((name) => env.text(name) !== undefined);
    if (stray !== undefined) throw refuse(stray, `counts only with ADMIN_AUTH=${owner}`);
  }
  if (kind === 'none') return { kind, callerHeader };
  if (kind === 'token') return { kind, fileToken };
  const [issuer, audience, jwksUrl] = belongsTo.jwt.map((name) => {
    const value = env.text(name);
    if (value === undefined) throw refuse(name, 'must be set with ADMIN_AUTH=jwt');
    return value;
  }) as [string, string, string];
  return { kind, issuer, audience, jwksUrl, ...jwt };
}

function readCallerHeader(env: Environment): string | undefined {
  const name = env.text('ADMIN_CALLER_HEADER');
  if (name === undefined) return undefined;
  if (!/^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name)) throw refuse('ADMIN_CALLER_HEADER', 'must be the name of a header');
  if (env.networks('SERVE_TLS_ALLOW_TERMINATION_FROM').length === 0) {
    throw refuse('ADMIN_CALLER_HEADER', 'counts only where SERVE_TLS_ALLOW_TERMINATION_FROM says whom to believe it');
  }
  return name.toLowerCase();
}

function readTokenFile(env: Environment): string | undefined {
  const token = env.fileText('ADMIN_TOKEN_FILE')?.trim();
  if (token !== undefined && !/^[\x21-\x7e]{32,1000}$/.test(token)) {
    throw refuse('ADMIN_TOKEN_FILE', 'must hold one token of 32 characters or more, without blanks');
  }
  return token;
}

function readJwt(env: Environment): { scopeClaim: string } {
  const url = env.url('ADMIN_JWT_JWKS_URL');
  if (url?.startsWith('http:') === true && !env.flag('OUTBOUND_ALLOW_PRIVATE_ADDRESSES')) {
    throw refuse('ADMIN_JWT_JWKS_URL', 'must be https, unless OUTBOUND_ALLOW_PRIVATE_ADDRESSES is true');
  }
  return { scopeClaim: env.text('ADMIN_JWT_SCOPE_CLAIM') };
}
