import { RootKey, randomHex } from '#libs/crypto';
import { oauthError } from '#libs/oauth2';
import { type LoginSessionView, ReadModel, findLoginSession } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Cookies, rememberedMaxAge } from './cookies.js';

type CsrfCookie = 'oauth2_authentication_csrf' | 'oauth2_consent_csrf';

/** What one request and its answer know and say about the browser: its CSRF values and its remembered login. */
export class Browser {
  constructor(
    private readonly request: FastifyRequest,
    private readonly reply: FastifyReply,
    private readonly service: Browsers,
  ) {}

  /** The id in the session cookie, alive or not. */
  get sessionId(): string | undefined {
    return this.service.cookies.read(this.request, 'oauth2_authentication_session', 'sid');
  }

  /** The remembered login of this browser, if it lives. */
  loginSession(): LoginSessionView | undefined {
    const { sessionId } = this;
    return sessionId === undefined ? undefined : findLoginSession(this.service.readModel.db, sessionId);
  }

  /** One random value for each browser, kept while its cookie lives; every flow stores its hash (D2). */
  csrfHash(cookie: CsrfCookie): string {
    const csrf = this.service.cookies.read(this.request, cookie, 'csrf') ?? randomHex(16);
    this.service.cookies.writeCsrf(this.reply, cookie, csrf);
    return this.service.root.secretValueHash(csrf);
  }

  /** @throws OAuthError `request_forbidden` when this is not the browser that started the flow */
  requireCsrf(cookie: CsrfCookie, csrfHash: string): void {
    const csrf = this.service.cookies.read(this.request, cookie, 'csrf');
    if (csrf === undefined || this.service.root.secretValueHash(csrf) !== csrfHash)
      throw oauthError('request_forbidden');
  }

  rememberLogin(sessionId: string, rememberForSeconds: number): void {
    const maxAge = rememberedMaxAge(rememberForSeconds);
    this.service.cookies.write(this.reply, 'oauth2_authentication_session', { sid: sessionId }, maxAge);
  }

  forgetLogin(): void {
    this.service.cookies.clear(this.reply, 'oauth2_authentication_session');
  }

  redirect(location: string): void {
    void this.reply.status(302).header('location', location).send();
  }
}

@Injectable()
export class Browsers {
  constructor(
    readonly cookies: Cookies,
    readonly readModel: ReadModel,
    readonly root: RootKey,
  ) {}

  of(request: FastifyRequest, reply: FastifyReply): Browser {
    return new Browser(request, reply, this);
  }
}
