import { type AuthoritySpec, type History } from './authority-spec.js';
import { type Flow, aClient, aConsent, aGrant, codeIssued, tokensIssued } from './histories.js';

const hour = 3600;

/** The flow of a person, which names everything in it, at a client of its own. */
export function flowOf(spec: AuthoritySpec, name: string): Flow {
  return {
    ...{ challenge: `consent-of-${name}`, clientId: `client-of-${name}`, subject: name },
    subjectHash: spec.subjectHash(name),
  };
}

/** A person's flow up to tokens, which were issued just now; the access token is good for an hour. */
export function flowWithTokens(
  spec: AuthoritySpec,
  name: string,
): { access: string; refresh: string; refreshHash: string; histories: readonly History[] } {
  const flow = flowOf(spec, name);
  const [access, refresh] = [spec.mintToken(), spec.mintToken()];
  const issuedAt = spec.clock.inSeconds(0);
  const code = codeIssued(flow, spec.mintToken().hash, { issuedAt, expiresAt: spec.clock.inSeconds(600) });
  const hashes = { accessTokenHash: access.hash, refreshTokenHash: refresh.hash };
  const issued = tokensIssued(flow, hashes, { issuedAt, accessTokenExpiresAt: spec.clock.inSeconds(hour) });
  return {
    ...{ access: access.token, refresh: refresh.token, refreshHash: refresh.hash },
    histories: [aClient(flow.clientId), aConsent(flow, spec.clock.inSeconds(-60)), aGrant(flow, code, ...issued)],
  };
}
