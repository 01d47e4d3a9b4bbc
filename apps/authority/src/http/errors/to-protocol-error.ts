import { CryptoError, type CryptoErrorCode } from '#libs/crypto';
import { DomainError, type DomainErrorCode, idIn } from '#libs/domain';
import {
  AppendTooLargeError,
  IdempotencyKeyReusedError,
  OutcomeUnknownError,
  PreconditionFailedError,
  StreamDeletedError,
  UnavailableError,
  storageFaultOf,
} from '#libs/event-store';
import { OAuthError, oauthError } from '#libs/oauth2';
import { ReadModelBehindError } from '#libs/read-model';
import { HttpException } from '@nestjs/common';
import {
  AdminError,
  idempotencyKeyReused,
  notFound,
  notUnique,
  preconditionFailed,
  rowNotFound,
} from './admin-error.js';

/** Every error becomes one of these; each listener's filters render them in their own form. */
export type ProtocolError = OAuthError | AdminError;

/** For what a caller cannot bring about: that it happens all the same is a mistake of ours, so it is logged and answered 500. */
const unforeseen = (): undefined => undefined;

/** Total: a new code does not compile until it is said here what a caller is answered. */
const byDomainCode: Readonly<Record<DomainErrorCode, (error: DomainError) => ProtocolError | undefined>> = {
  client_exists: notUnique,
  client_not_found: rowNotFound,
  assertion_used: (error) => oauthError('invalid_client').withDebug(error.message),
  key_exists: notUnique,
  signing_key_required: unforeseen, // the command is given again with a successor
  login_request_not_found: notFound,
  login_request_handled: notUnique,
  login_subject_mismatch: (error) => oauthError('invalid_request').withDebug(error.message),
  login_verifier_unknown: undecided,
  login_verifier_used: usedVerifier,
  consent_request_exists: unforeseen, // challenges are made, never sent
  consent_request_not_found: notFound,
  consent_verifier_unknown: undecided,
  consent_verifier_used: usedVerifier,
  invalid_grant: (error) => oauthError('invalid_grant', error.message),
  grant_not_allowed: unforeseen, // whoever refreshes tokens knows why, and says that
  admin_token_exists: notUnique,
  root_key_missing: unforeseen, // before anybody is served
};

function undecided(): OAuthError {
  return oauthError('access_denied', 'The request was not decided.');
}

function usedVerifier(): OAuthError {
  return oauthError('invalid_request', 'The verifier was used before.');
}

const badInput: ReadonlySet<CryptoErrorCode> = new Set(['invalid_jwk', 'invalid_secret_hash', 'unknown_algorithm']);

/**
 * Says what an error is in the protocol's terms, or `undefined` for one nobody foresaw: the caller answers 500 and logs it.
 */
export function toProtocolError(error: unknown): ProtocolError | undefined {
  if (error instanceof OAuthError || error instanceof AdminError) return error;
  if (error instanceof DomainError) return byDomainCode[error.code](error);
  if (error instanceof StreamDeletedError) return deleted(error);
  if (error instanceof CryptoError && error.code === 'too_busy') {
    return unavailable('Too many client secrets are being checked, try again');
  }
  if (error instanceof CryptoError && badInput.has(error.code))
    return oauthError('invalid_request').withDebug(error.message);
  if (error instanceof PreconditionFailedError) return preconditionFailed();
  if (error instanceof IdempotencyKeyReusedError) return idempotencyKeyReused();
  if (error instanceof AppendTooLargeError) return payloadTooLarge();
  if (
    error instanceof UnavailableError ||
    error instanceof OutcomeUnknownError ||
    error instanceof ReadModelBehindError ||
    storageFaultOf(error) !== undefined
  ) {
    return unavailable('The event log or the read model cannot answer in time, try again');
  }
  return fromHttp(error);
}

/** What retention took away while somebody was still at it was over for long: it is answered for as what was never there. */
function deleted({ stream }: StreamDeletedError): ProtocolError | undefined {
  if (idIn(stream, 'login') !== undefined || idIn(stream, 'consent') !== undefined) return notFound();
  if (idIn(stream, 'grant') !== undefined)
    return oauthError('invalid_grant', 'The code or refresh token is unknown, expired or revoked.');
  return idIn(stream, 'assertion') === undefined ? undefined : oauthError('invalid_client');
}

function fromHttp(error: unknown): ProtocolError | undefined {
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: unknown } | null)?.statusCode;
  if (status === 413) return payloadTooLarge();
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined;
  return oauthError('invalid_request').withDebug(
    error instanceof Error ? error.message : 'the request cannot be understood',
  );
}

function unavailable(description: string): AdminError {
  return new AdminError(503, 'Service Unavailable', description);
}

function payloadTooLarge(): AdminError {
  return new AdminError(
    413,
    'Request Entity Too Large',
    'The request is too large: the Admin API takes 1 MiB, public endpoints 64 KiB',
  );
}
