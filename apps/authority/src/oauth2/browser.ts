import { RootKey, randomHex } from '#libs/crypto';
import { Injectable } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Cookies, rememberedMaxAge } from './cookies.js';

type CsrfCookie = 'oauth2_authentication_csrf' | 'oauth2_consent_csrf';

/** What an answer tells the browser to keep or to forget. */
export type BrowserChange =
  | { readonly keep: 'login'; readonly sessionId: string; readonly rememberForSeconds: number }
  | { readonly forget: 'login' }
  | { readonly keep: CsrfCookie; readonly csrf: string };

/** What one request knows about the browser it comes from. */
export class Browser {
  constructor(
    private readonly request: FastifyRequest,
    private readonly cookies: Cookies,
    private readonly root: RootKey,
  ) {}

  /** The id in the session cookie, alive or not. */
  get sessionId(): string | undefined {
    return this.cookies.read(this.request, 'oauth2_authentication_session', 'sid');
  }

  /** Of the CSRF value of this browser, if it has one: only where it is that of the flow, this browser started it. */
  csrfHash(cookie: CsrfCookie): string | undefined {
    const csrf = this.cookies.read(this.request, cookie, 'csrf');
    return csrf === undefined ? undefined : this.root.secretValueHash(csrf);
  }

  /** One random value for each browser, kept while its cookie lives; every flow stores its hash (D2). */
  csrfOfFlow(cookie: CsrfCookie): { readonly hash: string; readonly change: BrowserChange } {
    const csrf = this.cookies.read(this.request, cookie, 'csrf') ?? randomHex(16);
    return { hash: this.root.secretValueHash(csrf), change: { keep: cookie, csrf } };
  }
}

/** Reads what browsers send, and writes what they are told; the latter is for controllers and their filters. */
@Injectable()
export class Browsers {
  constructor(
    private readonly cookies: Cookies,
    private readonly root: RootKey,
  ) {}

  of(request: FastifyRequest): Browser {
    return new Browser(request, this.cookies, this.root);
  }

  /** Sends the browser on, with changes to what it keeps. */
  redirect(reply: FastifyReply, location: string, changes: readonly BrowserChange[]): void {
    for (const change of changes) this.tell(reply, change);
    void reply.status(302).header('location', location).send();
  }

  private tell(reply: FastifyReply, change: BrowserChange): void {
    if ('forget' in change) return this.cookies.clear(reply, 'oauth2_authentication_session');
    if ('csrf' in change) return this.cookies.writeCsrf(reply, change.keep, change.csrf);
    const { sessionId: sid, rememberForSeconds } = change;
    const maxAgeSeconds = rememberedMaxAge(rememberForSeconds);
    this.cookies.write(reply, 'oauth2_authentication_session', { sid, maxAgeSeconds });
  }
}
