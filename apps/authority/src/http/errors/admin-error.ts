/**
 * An error of the Admin API that is no OAuth 2.0 error: its `error` member is a reason phrase or a sentence of the storage
 * (admin-api.md 1.6). Clients go by the status.
 */
export class AdminError extends Error {
  override readonly name = 'AdminError';
  debug: string | undefined;

  constructor(
    readonly status: number,
    readonly error: string,
    readonly description: string,
  ) {
    super(description === '' ? error : description);
  }

  /** Adds `error_debug`. */
  withDebug(debug: string): this {
    this.debug = debug;
    return this;
  }
}

/** ERR-404: login and consent requests, key sets. */
export const notFound = (): AdminError => new AdminError(404, 'Not Found', 'The requested resource could not be found');

/** ERR-404-ROW: clients, single keys. */
export const rowNotFound = (): AdminError => new AdminError(404, 'The resource could not be located', '');

/** What `If-Match` asks for is not so. */
export const preconditionFailed = (): AdminError =>
  new AdminError(412, 'Precondition Failed', 'The resource is not at the revision named by If-Match');

/** The request was carried out before, and what it made is not there any more. */
export const repeatOfWhatIsGone = (): AdminError =>
  new AdminError(409, 'Conflict', 'What the request with this Idempotency-Key made is not there any more');

/** The key is that of an earlier request, with another body. */
export const idempotencyKeyReused = (): AdminError =>
  new AdminError(422, 'Unprocessable Entity', 'The Idempotency-Key belongs to an earlier request with another body');

/** ERR-409-USED: GET of a request whose verifier was redeemed. */
export const alreadyUsed = (): AdminError =>
  new AdminError(409, 'Conflict', 'The resource could not be read in its current state').withDebug(
    'The request was handled already',
  );

/** A decision on a consent request whose verifier was redeemed, where it is not ignored (admin-api.md 4.2). */
export const consentUsed = (): AdminError =>
  new AdminError(409, 'Conflict', 'The consent request was used already, it cannot be decided again');

/** ERR-409-UNIQ: something with this identity exists, or was decided, already. */
export const notUnique = (): AdminError => new AdminError(409, 'A resource with this value exists already', '');
