import { CookieSigner } from '#libs/crypto';
import { Injectable } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Clock } from '../commands/clock.js';
import { Configuration } from '../config/configuration.js';

const thirtyDaysSeconds = 30 * 24 * 3600;

/** The authority's cookies, by the names end-to-end tools know (oauth2-flows.md 1.13). */
export type CookieName = 'oauth2_authentication_csrf' | 'oauth2_consent_csrf' | 'oauth2_authentication_session';

/**
 * `Max-Age` of a remembered login: as asked; 0 is a session cookie of the browser, and less 30 days (D16).
 *
 * @returns seconds, `undefined` for a session cookie
 */
export function rememberedMaxAge(rememberForSeconds: number): number | undefined {
  if (rememberForSeconds > 0) return rememberForSeconds;
  return rememberForSeconds === 0 ? undefined : thirtyDaysSeconds;
}

/**
 * Signed, time-stamped cookies. One whose signature is not ours, that is too old, or that came twice, is as good as none: of two with the
 * same name one may be from a neighbour in the domain (RFC 6265 8.6).
 */
@Injectable()
export class Cookies {
  private readonly attributes: string;
  private readonly prefix: string;

  constructor(
    private readonly signer: CookieSigner,
    private readonly clock: Clock,
    { issuer, cookieHostPrefix }: Configuration,
  ) {
    this.attributes = `HttpOnly${issuer.startsWith('https:') ? '; Secure' : ''}; SameSite=Lax`;
    this.prefix = cookieHostPrefix ? '__Host-' : '';
  }

  /** The value under `member` in a cookie of ours. */
  read(request: FastifyRequest, cookie: CookieName, member: 'csrf' | 'sid'): string | undefined {
    const name = this.prefix + cookie;
    const sent = cookieValue(request.headers.cookie, name);
    const payload = sent === undefined ? undefined : this.signer.verify(name, sent, { now: this.clock.now() });
    if (payload === undefined || !this.isFresh(payload.exp)) return undefined;
    const value = payload[member];
    return typeof value === 'string' ? value : undefined;
  }

  /** Sets a cookie for `maxAgeSeconds`; `undefined`: until the browser closes, and no longer than 30 days. */
  write(
    reply: FastifyReply,
    cookie: CookieName,
    { maxAgeSeconds, ...payload }: ({ csrf: string } | { sid: string }) & { maxAgeSeconds: number | undefined },
  ): void {
    const name = this.prefix + cookie;
    const now = this.clock.now();
    const exp = Math.floor(now.getTime() / 1000) + (maxAgeSeconds ?? thirtyDaysSeconds);
    const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`;
    const value = this.signer.sign(name, { ...payload, exp }, now);
    this.add(reply, `${name}=${value}; Path=/${age}; ${this.attributes}`);
  }

  /** A CSRF cookie: kept for 30 days from its last use. */
  writeCsrf(reply: FastifyReply, name: 'oauth2_authentication_csrf' | 'oauth2_consent_csrf', csrf: string): void {
    this.write(reply, name, { csrf, maxAgeSeconds: thirtyDaysSeconds });
  }

  clear(reply: FastifyReply, cookie: CookieName): void {
    const gone = 'Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0';
    this.add(reply, `${this.prefix}${cookie}=; Path=/; ${gone}; ${this.attributes}`);
  }

  private isFresh(exp: unknown): boolean {
    return typeof exp === 'number' && exp * 1000 > this.clock.now().getTime();
  }

  /** Fastify makes an array of several `set-cookie` headers by itself. */
  private add(reply: FastifyReply, cookie: string): void {
    void reply.header('set-cookie', cookie);
  }
}

/** The one cookie of a name in a `Cookie` header (RFC 6265 5.4). */
function cookieValue(header: string | undefined, name: string): string | undefined {
  let found: string | undefined;
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (equals <= 0 || pair.slice(0, equals).trim() !== name) continue;
    if (found !== undefined) return undefined;
    found = pair.slice(equals + 1).trim();
  }
  return found;
}
