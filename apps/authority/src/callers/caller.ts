import { oauthError } from '#libs/oauth2';
import { type FastifyRequest } from 'fastify';
import { type ProtocolError } from '../http/errors/to-protocol-error.js';
import { type Permission } from '../http/permission.js';

/** Who calls the Admin API. The name goes into the `actor` of events. */
export type Caller = { readonly name: string; readonly may: 'everything' | readonly string[] };

/** One way of telling who calls. */
export type Callers = {
  /** @throws CallerRefusedError when it cannot be told */
  callerOf(request: FastifyRequest): Promise<Caller>;
};

/** Somebody who is not let in: what is answered, and the challenge that goes with it (RFC 6750 3). */
export class CallerRefusedError extends Error {
  override readonly name = 'CallerRefusedError';

  constructor(
    readonly answer: ProtocolError,
    readonly challenge: string,
  ) {
    super(answer.message);
  }
}

const realm = 'Bearer realm="Hydrant Admin API"';

/** Nothing says who calls: no error code, only how to ask. */
function noCredentials(): CallerRefusedError {
  return new CallerRefusedError(oauthError('request_unauthorized', 'The request has no bearer token.'), realm);
}

/** @param why without anything of the token, in the characters of a quoted string */
export function invalidToken(why: string): CallerRefusedError {
  const answer = oauthError('request_unauthorized', why);
  return new CallerRefusedError(answer, `${realm}, error="invalid_token", error_description="${why}"`);
}

/** The caller is known, and may not do what is asked for. */
export function insufficientScope(permission: Permission): CallerRefusedError {
  const answer = oauthError('insufficient_scope', `It needs the scope ${permission}.`);
  return new CallerRefusedError(answer, `${realm}, error="insufficient_scope", scope="${permission}"`);
}

/** The bearer token of the `Authorization` header (RFC 6750 2.1). @throws CallerRefusedError when there is none */
export function bearerOf({ headers }: FastifyRequest): string {
  const bearer = /^bearer +([\x21-\x7e]+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer === undefined) throw noCredentials();
  return bearer;
}
