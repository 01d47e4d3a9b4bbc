import { DomainError } from '#libs/domain';
import { oauthError } from '#libs/oauth2';

/**
 * Spends a verifier and says in OAuth's terms why it cannot be spent.
 *
 * @throws OAuthError `access_denied` (the request was not decided) | `invalid_request` (spent before)
 */
export async function redeemVerifier<Committed>(redeem: () => Promise<Committed>): Promise<Committed> {
  try {
    return await redeem();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code.endsWith('_verifier_used')) throw oauthError('invalid_request', 'The verifier was used before.');
    if (error.code.endsWith('_verifier_unknown')) throw oauthError('access_denied', 'The request was not decided.');
    throw error;
  }
}
