import { DomainError } from '../refusals.js';
import {
  type Decider,
  type EventSchemas,
  type EventUpcasters,
  type JsonObject,
  type Origin,
  type Timestamp,
  assertNever,
  sameJson,
  streamName,
} from '../shared.js';

/** What generations of the Admin API after the first keep with a client; absent where nobody of them ever wrote the client. */
export type ClientExtension = {
  /** Whatever its owners want, `{}` for nothing. */
  readonly metadata?: JsonObject;
};

/**
 * A client's public registration, with the names RFC 7591 and OpenID Connect Dynamic Registration give its members (docs/adr/0003).
 * Always complete: what a request left out is `[]`, `''` or its default. Never holds the secret.
 */
export type ClientRegistration = ClientExtension & {
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
  readonly grant_types: readonly string[];
  readonly response_types: readonly string[];
  readonly scope: string;
  readonly audience: readonly string[];
  readonly owner: string;
  readonly policy_uri: string;
  readonly allowed_cors_origins: readonly string[];
  readonly tos_uri: string;
  readonly client_uri: string;
  readonly logo_uri: string;
  readonly contacts: readonly string[];
  readonly subject_type: 'public' | 'pairwise';
  readonly sector_identifier_uri: string;
  readonly jwks_uri: string;
  /** Absent when not registered by value; its keys are public JWKs as parsed, `null` for the empty object. */
  readonly jwks?: { readonly keys: readonly JsonObject[] | null };
  readonly token_endpoint_auth_method: string;
  readonly request_uris: readonly string[];
  readonly request_object_signing_alg: string;
  readonly userinfo_signed_response_alg: string;
};

export type ClientEvent =
  | {
      type: 'ClientCreated';
      data: Origin & {
        clientId: string;
        registration: ClientRegistration;
        secretHash: string;
        createdAt: Timestamp;
      };
    }
  | {
      type: 'ClientUpdated';
      data: Origin & { clientId: string; registration: ClientRegistration; updatedAt: Timestamp };
    }
  | { type: 'ClientSecretRotated'; data: Origin & { clientId: string; secretHash: string; rotatedAt: Timestamp } }
  | { type: 'ClientSecretRehashed'; data: { clientId: string; secretHash: string } }
  | { type: 'ClientDeleted'; data: { clientId: string; deletedAt: Timestamp } };

export const clientEventSchemas: EventSchemas<ClientEvent> = {
  ClientCreated: { version: 2 },
  ClientUpdated: { version: 2 },
  ClientSecretRotated: { version: 1 },
  ClientSecretRehashed: { version: 1 },
  ClientDeleted: { version: 1 },
};

/** Registrations of the first version may hold keys that are not public, in `jwks`. */
export const clientUpcasters: EventUpcasters = {
  ClientCreated: { 1: withPublicKeys },
  ClientUpdated: { 1: withPublicKeys },
};

function withPublicKeys(data: JsonObject): JsonObject {
  const registration = data['registration'] as ClientRegistration;
  const { jwks } = registration;
  if (jwks?.keys == null) return data;
  const keys = jwks.keys.filter(({ kty }) => kty !== 'oct').map(publicMembers);
  return { ...data, registration: { ...registration, jwks: { keys } } };
}

/** @see RFC 7518 6 */
function publicMembers(jwk: JsonObject): JsonObject {
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, oth: _oth, k: _k, ...rest } = jwk;
  return rest;
}

export type ClientCommand =
  | {
      type: 'CreateClient';
      data: { clientId: string; registration: ClientRegistration; secretHash: string };
      now: Date;
    }
  | {
      type: 'UpdateClient';
      data: { clientId: string; registration: ClientRegistration; secretHash?: string };
      now: Date;
    }
  | {
      type: 'ImportClient';
      /** `secretHash` is the one it has where it comes from; where that is not known, `newSecretHash` is of the one it gets here. */
      data: { clientId: string; registration: ClientRegistration; secretHash?: string; newSecretHash: string };
      now: Date;
    }
  | { type: 'RehashClientSecret'; data: { clientId: string; currentHash: string; secretHash: string } }
  | { type: 'DeleteClient'; data: { clientId: string }; now: Date };

/**
 * `incarnation` is the revision of the `ClientCreated` the client lives by; a client created again after its deletion has
 * another one. `registrationRevision` is that of the last change to the registration (rehashing a secret is none).
 */
export type Client = { readonly imported?: ImportedClient } & (
  | { status: 'none' }
  | {
      status: 'registered';
      incarnation: number;
      registrationRevision: number;
      createdAt: Timestamp;
      secretHash: string;
      extension: ClientExtension;
    }
);

/** What an import brought last, whatever became of it here: what has not changed there since is not brought again. */
type ImportedClient = { readonly registration: ClientRegistration; readonly secretHash: string };

function evolve(state: Client, event: ClientEvent, revision: number): Client {
  const evolved = change(state, event, revision);
  const imported = broughtBy(event, state.imported);
  return imported === undefined ? evolved : { ...evolved, imported };
}

function broughtBy(event: ClientEvent, before: ImportedClient | undefined): ImportedClient | undefined {
  const brought = 'importedFrom' in event.data;
  if (event.type === 'ClientCreated') {
    const { registration, secretHash } = event.data;
    return brought ? { registration, secretHash } : undefined; // created here: another client of the same name
  }
  if (!brought) return before;
  if (before === undefined) return undefined;
  if (event.type === 'ClientUpdated') return { ...before, registration: event.data.registration };
  return event.type === 'ClientSecretRotated' ? { ...before, secretHash: event.data.secretHash } : before;
}

function change(state: Client, event: ClientEvent, revision: number): Client {
  switch (event.type) {
    case 'ClientCreated': {
      const { createdAt, secretHash, registration } = event.data;
      const revisions = { incarnation: revision, registrationRevision: revision };
      return { status: 'registered', ...revisions, createdAt, secretHash, extension: extensionOf(registration) };
    }
    case 'ClientUpdated':
      return state.status === 'none'
        ? state
        : { ...state, registrationRevision: revision, extension: extensionOf(event.data.registration) };
    case 'ClientSecretRotated':
      return state.status === 'none'
        ? state
        : { ...state, registrationRevision: revision, secretHash: event.data.secretHash };
    case 'ClientSecretRehashed':
      return state.status === 'none' ? state : { ...state, secretHash: event.data.secretHash };
    case 'ClientDeleted':
      return { status: 'none' };
    default:
      return assertNever(event);
  }
}

/**
 * Decides what a command changes. Every accepted update is an event, also one that changes nothing (`updated_at` moves);
 * deleting a client that is not there changes nothing. An update without a member of `ClientExtension` comes from one who does
 * not know it: what is there stays. An import brings what has changed where the client comes from since it came last: what was changed
 * here meanwhile stays, and so does a deletion.
 *
 * @throws DomainError `client_exists` | `client_not_found`
 */
function decide(command: ClientCommand, state: Client): ClientEvent[] {
  switch (command.type) {
    case 'CreateClient': {
      if (state.status !== 'none')
        throw new DomainError('client_exists', 'a client with this client_id exists already');
      return [{ type: 'ClientCreated', data: { ...command.data, createdAt: command.now.toISOString() } }];
    }
    case 'UpdateClient': {
      if (state.status === 'none') throw new DomainError('client_not_found', 'there is no client with this client_id');
      const { clientId, secretHash } = command.data;
      const registration = keeping(state.extension, command.data.registration);
      const at = command.now.toISOString();
      const updated: ClientEvent = { type: 'ClientUpdated', data: { clientId, registration, updatedAt: at } };
      if (secretHash === undefined) return [updated];
      return [updated, { type: 'ClientSecretRotated', data: { clientId, secretHash, rotatedAt: at } }];
    }
    case 'ImportClient':
      return importedBy(command, state);
    case 'RehashClientSecret': {
      const { clientId, currentHash, secretHash } = command.data;
      if (state.status === 'none' || state.secretHash !== currentHash) return []; // changed or deleted meanwhile
      return [{ type: 'ClientSecretRehashed', data: { clientId, secretHash } }];
    }
    case 'DeleteClient':
      if (state.status === 'none') return [];
      return [
        { type: 'ClientDeleted', data: { clientId: command.data.clientId, deletedAt: command.now.toISOString() } },
      ];
    default:
      return assertNever(command);
  }
}

function importedBy(
  { data, now }: Extract<ClientCommand, { type: 'ImportClient' }>,
  { status, imported }: Client,
): ClientEvent[] {
  const { clientId, registration, secretHash, newSecretHash } = data;
  const [at, origin] = [now.toISOString(), { importedFrom: 'hydra' } as const];
  if (imported === undefined) {
    if (status !== 'none') throw new DomainError('client_exists', 'a client that no import brought has this client_id');
    const created = { clientId, registration, secretHash: secretHash ?? newSecretHash, createdAt: at };
    return [{ type: 'ClientCreated', data: { ...created, ...origin } }];
  }
  if (status === 'none') return [];
  const events: ClientEvent[] = [];
  if (!sameJson(registration, imported.registration))
    events.push({ type: 'ClientUpdated', data: { clientId, registration, updatedAt: at, ...origin } });
  if (secretHash !== undefined && secretHash !== imported.secretHash)
    events.push({ type: 'ClientSecretRotated', data: { clientId, secretHash, rotatedAt: at, ...origin } });
  return events;
}

const extensionMembers: { readonly [Member in keyof ClientExtension]-?: true } = { metadata: true };

function extensionOf(registration: ClientRegistration): ClientExtension {
  return Object.fromEntries(Object.entries(registration).filter(([member]) => member in extensionMembers));
}

function keeping(extension: ClientExtension, sent: ClientRegistration): ClientRegistration {
  const unsaid = Object.entries(extension).filter(([member]) => !(member in sent));
  return unsaid.length === 0 ? sent : { ...sent, ...Object.fromEntries(unsaid) };
}

export const client: Decider<ClientCommand, Client, ClientEvent> = {
  streamOf: (clientId) => streamName('client', clientId),
  initial: () => ({ status: 'none' }),
  decide,
  evolve,
};
