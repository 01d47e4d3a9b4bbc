import {
  type GrantEvent,
  type MintedTokens,
  type AdminTokenEvent,
  type RetentionEvent,
  type RelayEvent,
  type RootEvent,
  type TokenClaims,
} from '#libs/domain';
import { type Content, type Members, aggregate } from './integration-event.js';
import { type Person, personKey, whom } from './person.js';
import { rows } from './row.js';

const topic = 'token.v1';

/** Grants and tokens: keyed by the subject's hash, a client's own by its id. A flush concerns everybody: `all`. */
export const tokenRows = rows<
  GrantEvent['type'] | RetentionEvent['type'] | RelayEvent['type'] | RootEvent['type'] | AdminTokenEvent['type']
>({
  AuthorizationCodeIssued: { stays: 'a step of a flow; the tokens that come of it are events of their own' },
  AuthorizationCodeRedeemed: { stays: 'a step of a flow; the tokens that come of it are events of their own' },
  AuthorizationCodeReplayed: {
    topic,
    type: 'hydrant.code.replayed.v1',
    summary: 'An authorization code was presented twice: the tokens issued for it ended (RFC 6749 4.1.2).',
    needsFacts: true,
    content: ({ grantId }, facts) => ofGrant(grantId, facts),
  },
  AuthorizationCodeInvalidated: { stays: 'a step of a flow that ended before there were tokens' },
  TokensIssued: {
    topic,
    type: 'hydrant.tokens.issued.v1',
    summary: 'Tokens were issued.',
    optional: true,
    content: (data) => ofGrant(data.grantId, data, { grantType: data.grantType, ...issued(data) }),
  },
  TokensRefreshed: {
    topic,
    type: 'hydrant.tokens.refreshed.v1',
    summary: 'A refresh token was exchanged for new tokens.',
    optional: true,
    content: (data) => ofGrant(data.grantId, data, { withinGrace: data.withinGrace, ...issued(data) }),
  },
  RefreshTokenReused: {
    topic,
    type: 'hydrant.refresh_token.reused.v1',
    summary: 'A rotated refresh token was presented again: all tokens of its grant ended.',
    needsFacts: true,
    content: ({ grantId }, facts) => ofGrant(grantId, facts),
  },
  TokensRevoked: {
    topic,
    type: 'hydrant.tokens.revoked.v1',
    summary: 'The tokens of a grant were revoked by the client that has them (RFC 7009).',
    needsFacts: true,
    content: ({ grantId, clientId }, facts) => ofGrant(grantId, { clientId, ...facts }),
  },
  TokensFlushed: {
    topic,
    type: 'hydrant.tokens.flushed.v1',
    summary: 'Access tokens issued before `issuedBefore` ended.',
    content: ({ cutOff }) => ({ key: 'all', aggregate: 'tokens', data: { issuedBefore: cutOff } }),
  },
  RetentionApplied: { stays: 'a count of what was over for long; what was in it was published when it happened' },
  EventParked: { stays: 'a placeholder is published in the place of the event that it lets pass' },
  AdminTokenCreated: { stays: 'about who may administer this authority' },
  AdminTokenRevoked: { stays: 'about who may administer this authority' },
  RootKeyCreated: { stays: 'about how secrets are sealed' },
  RootKeyResealed: { stays: 'about how secrets are sealed' },
});

function ofGrant(grantId: string, person: Person, data: Members = {}): Content {
  return {
    key: personKey(person, grantId),
    aggregate: aggregate('grant', grantId),
    data: { grantId, ...whom(person), ...data },
    personal: { subject: person.subject },
  };
}

function issued(data: TokenClaims & MintedTokens): Members {
  return {
    scope: data.scope,
    audience: data.audience,
    accessTokenExpiresAt: data.accessTokenExpiresAt,
    refreshTokenExpiresAt: data.refreshTokenHash === null ? undefined : data.refreshTokenExpiresAt,
  };
}
