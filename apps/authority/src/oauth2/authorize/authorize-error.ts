import { OAuthError, errorPageUrl, errorRedirect, oauthError } from '#libs/oauth2';
import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Configuration } from '../../config/configuration.js';
import { Browsers } from '../browser.js';
import { known } from '../../http/errors/error-filters.js';

/** Where an error goes once the redirect URI is trusted. `state` as sent, `undefined` when it was not. */
export type ErrorTarget = { readonly redirectUri: string; readonly state: string | undefined };

/** An error of the authorization endpoint, with the place it goes to: the client, or, without a target, the error page. */
export class AuthorizeError extends Error {
  override readonly name = 'AuthorizeError';

  constructor(
    override readonly cause: unknown,
    readonly target: ErrorTarget | undefined,
  ) {
    super('authorization request refused');
  }
}

/** Runs a step whose errors go to a target. */
export async function reportingTo<Result>(
  target: ErrorTarget | undefined,
  step: () => Promise<Result>,
): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof AuthorizeError ? error : new AuthorizeError(error, target);
  }
}

/** Redirects with the error (RFC 6749 4.1.2.1, oauth2-flows.md 1.14). */
@Catch()
@Injectable()
export class AuthorizeErrorFilter implements ExceptionFilter {
  constructor(
    private readonly configuration: Configuration,
    private readonly browsers: Browsers,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { cause, target } =
      exception instanceof AuthorizeError ? exception : new AuthorizeError(exception, undefined);
    const error = this.oauthErrorOf(cause, request);
    const disclosure = { exposeDebug: this.configuration.exposeInternalErrors };
    const location =
      target === undefined
        ? errorPageUrl(this.configuration.urls.error, error, disclosure)
        : errorRedirect({ ...target, error, issuer: this.configuration.issuer, ...disclosure });
    this.browsers.redirect(reply, location, []);
  }

  private oauthErrorOf(cause: unknown, request: FastifyRequest): OAuthError {
    const error = known(cause, request);
    if (error instanceof OAuthError) return error;
    return error.status === 503
      ? oauthError('temporarily_unavailable')
      : oauthError('invalid_request', error.description);
  }
}
