import { DomainError } from '../refusals.js';
import { type Decider, type EventSchemas, type Timestamp, assertNever, streamName } from '../shared.js';

/** A token for the Admin API, by the name of who calls with it. Of the token itself only its SHA-256 is recorded. */
export type AdminTokenEvent =
  | {
      type: 'AdminTokenCreated';
      data: {
        name: string;
        tokenHash: string;
        scopes: readonly string[];
        expiresAt: Timestamp;
        createdAt: Timestamp;
      };
    }
  | { type: 'AdminTokenRevoked'; data: { name: string; revokedAt: Timestamp } };

export const adminTokenEventSchemas: EventSchemas<AdminTokenEvent> = {
  AdminTokenCreated: { version: 1 },
  AdminTokenRevoked: { version: 1 },
};

export type AdminTokenCommand =
  | {
      type: 'CreateAdminToken';
      data: { name: string; tokenHash: string; scopes: readonly string[]; expiresAt: Timestamp };
      now: Date;
    }
  | { type: 'RevokeAdminToken'; data: { name: string }; now: Date };

/** `expiresAt`: of the token that has the name now; undefined when there is none, or it was revoked. */
export type AdminToken = { readonly expiresAt: Timestamp | undefined };

/**
 * Decides what a command changes; `[]` when there is no token to revoke. A name is free again once its token was revoked or has expired.
 *
 * @throws DomainError `admin_token_exists`
 */
function decide(command: AdminTokenCommand, { expiresAt }: AdminToken): AdminTokenEvent[] {
  const at = command.now.toISOString();
  switch (command.type) {
    case 'CreateAdminToken':
      if (expiresAt !== undefined && expiresAt > at) {
        throw new DomainError('admin_token_exists', 'there is a token with this name');
      }
      return [{ type: 'AdminTokenCreated', data: { ...command.data, createdAt: at } }];
    case 'RevokeAdminToken':
      return expiresAt === undefined ? [] : [{ type: 'AdminTokenRevoked', data: { ...command.data, revokedAt: at } }];
    default:
      return assertNever(command);
  }
}

function evolve(_state: AdminToken, event: AdminTokenEvent): AdminToken {
  return { expiresAt: event.type === 'AdminTokenCreated' ? event.data.expiresAt : undefined };
}

/** Ids are names. */
export const adminToken: Decider<AdminTokenCommand, AdminToken, AdminTokenEvent> = {
  streamOf: (name) => streamName('admintoken', name),
  initial: () => ({ expiresAt: undefined }),
  decide,
  evolve,
};
