import { readUnverifiedJwt, readVerificationKeys, verifySignedJwt } from '#libs/crypto';
import { type Json, type JsonObject } from '#libs/domain';
import { type FastifyRequest } from 'fastify';
import { type Clock } from '../commands/clock.js';
import { type AdminAuth } from '../config/configuration.js';
import { type ApplicationLog } from '../http/application-log.js';
import { isCallerName } from '../http/caller-name.js';
import { AdminError } from '../http/errors/admin-error.js';
import { failureOf, outboundGet } from '../http/outbound-get.js';
import { PublishedKeySet } from '../http/published-key-set.js';
import { type Caller, type Callers, bearerOf, invalidToken } from './caller.js';

/** So far the clock of the issuer may be ahead of ours. */
const clockSkewSeconds = 60;

type Options = {
  readonly auth: Extract<AdminAuth, { kind: 'jwt' }>;
  readonly allowPrivateAddresses: boolean;
  readonly clock: Clock;
  readonly applicationLog: ApplicationLog;
};

/** Callers by JWTs that an issuer of yours has made for this API: `sub` is their name (RFC 7519, RFC 8725). */
export class JwtCallers implements Callers {
  private readonly keys: PublishedKeySet;

  constructor(private readonly options: Options) {
    this.keys = new PublishedKeySet(() => this.download(), options.clock);
  }

  async callerOf(request: FastifyRequest): Promise<Caller> {
    const claims = await this.verified(bearerOf(request));
    const { issuer, audience, scopeClaim } = this.options.auth;
    const { iss, aud, sub, exp, nbf } = claims;
    const now = this.options.clock.now().getTime() / 1000;
    if (iss !== issuer) throw invalidToken('The token is of another issuer.');
    if (!listOf(aud).includes(audience)) throw invalidToken('The token is for another audience.');
    if (typeof exp !== 'number' || now >= exp) throw invalidToken('The token has expired, or never would.');
    if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= now + clockSkewSeconds))
      throw invalidToken('The token is not valid yet.');
    if (!isCallerName(sub)) throw invalidToken('The token has no sub that can be a name.');
    return { name: sub, may: scopesOf(claims[scopeClaim]) };
  }

  private async verified(token: string): Promise<JsonObject> {
    const { alg, kid } = readUnverifiedJwt(token) ?? {};
    if (alg === undefined || kid === undefined) throw invalidToken('The token is no JWT that names its key.');
    const claims = await verifySignedJwt(token, alg, await this.keysOf(kid));
    if (claims === undefined) throw invalidToken('The signature of the token is by no known key.');
    return claims;
  }

  /** @throws AdminError 503 when nobody can say which keys there are: that is no fault of the caller */
  private async keysOf(kid: string): ReturnType<PublishedKeySet['find']> {
    try {
      return await this.keys.find(kid);
    } catch {
      throw new AdminError(503, 'Service Unavailable', 'The keys that sign tokens for this API cannot be fetched');
    }
  }

  private async download(): Promise<ReturnType<typeof readVerificationKeys>> {
    const { auth, allowPrivateAddresses, applicationLog } = this.options;
    try {
      return readVerificationKeys(await outboundGet(auth.jwksUrl, allowPrivateAddresses, 'success'));
    } catch (error) {
      applicationLog.logger.error(failureOf(error), 'ADMIN_JWT_JWKS_URL cannot be used');
      throw error;
    }
  }
}

function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

/** A text with blanks in between (RFC 8693 4.2), or a list. */
function scopesOf(claim: Json | undefined): string[] {
  return listOf(claim).flatMap((item) => (typeof item === 'string' ? item.split(' ') : []));
}
