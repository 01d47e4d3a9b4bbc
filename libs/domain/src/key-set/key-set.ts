import { DomainError } from '../refusals.js';
import {
  type Decider,
  type EventSchemas,
  type JsonObject,
  type Timestamp,
  assertNever,
  streamName,
} from '../shared.js';

/**
 * One key of a set. `publicJwk` is the JWK without private members; `secretId` names the stream that holds the whole JWK,
 * sealed, and is absent for a public key.
 */
export type KeyEntry = { readonly kid: string; readonly publicJwk: JsonObject; readonly secretId?: string };

export type KeySetEvent =
  | { type: 'KeySetCreated'; data: { set: string; keys: readonly KeyEntry[]; createdAt: Timestamp } }
  | {
      type: 'KeyRotated';
      data: { set: string; keys: readonly KeyEntry[]; takesOverFrom: readonly string[]; rotatedAt: Timestamp };
    }
  | { type: 'KeyAdded'; data: { set: string; key: KeyEntry; addedAt: Timestamp } }
  | { type: 'KeyReplaced'; data: { set: string; key: KeyEntry; replacedAt: Timestamp } }
  | { type: 'KeyDeleted'; data: { set: string; kid: string; deletedAt: Timestamp } }
  | { type: 'KeySetReplaced'; data: { set: string; keys: readonly KeyEntry[]; replacedAt: Timestamp } }
  | { type: 'KeySetDeleted'; data: { set: string; deletedAt: Timestamp } };

export const keySetEventSchemas: EventSchemas<KeySetEvent> = {
  KeySetCreated: { version: 1 },
  KeyRotated: { version: 1 },
  KeyAdded: { version: 1 },
  KeyReplaced: { version: 1 },
  KeyDeleted: { version: 1 },
  KeySetReplaced: { version: 1 },
  KeySetDeleted: { version: 1 },
};

/**
 * `successor`, on commands that can leave a set without a key to sign with: the keys that then take over, in the same append.
 * Sets that sign nothing leave `signs` false.
 */
type Signing = { readonly signs: boolean; readonly successor?: readonly KeyEntry[] };

export type KeySetCommand = { set: string; now: Date } & (
  | { type: 'AddGeneratedKeys'; data: { keys: readonly KeyEntry[] } }
  | { type: 'EnsureSigningKey'; data: { keys: readonly KeyEntry[] } }
  | { type: 'PutKey'; data: { key: KeyEntry } & Signing }
  | { type: 'DeleteKey'; data: { kid: string } & Signing }
  | { type: 'PutKeySet'; data: { keys: readonly KeyEntry[] } & Signing }
  | { type: 'DeleteKeySet'; data: Signing }
);

/** Newest batch first, as the Admin API lists them; a set without keys is one that does not exist. */
export type KeySet = { readonly keys: readonly KeyEntry[] };

/** The modulus of a 2048-bit RSA key in base64url; RS256 takes no smaller ones (RFC 7518 3.3). */
const leastModulusLength = 342;

/** Algorithms of RSA keys that are not RS256: who verifies refuses another one than the key names (RFC 7517 4.4). */
const otherRsaAlgorithms: readonly unknown[] = ['RS384', 'RS512', 'PS256', 'PS384', 'PS512'];

/**
 * Whether a key can sign ID tokens: RSA with its private part, and not for another algorithm than RS256 (oauth2-flows.md 4.4, with
 * the stance on prefixes). Any other `alg` is free text.
 */
export function canSign({ publicJwk, secretId }: KeyEntry): boolean {
  const { kty, n, alg } = publicJwk;
  if (otherRsaAlgorithms.includes(alg)) return false;
  return kty === 'RSA' && typeof n === 'string' && n.length >= leastModulusLength && secretId !== undefined;
}

function evolve(state: KeySet, event: KeySetEvent): KeySet {
  switch (event.type) {
    case 'KeySetCreated':
    case 'KeySetReplaced':
      return { keys: event.data.keys };
    case 'KeyRotated':
      return { keys: [...event.data.keys, ...state.keys] };
    case 'KeyAdded':
      return { keys: [event.data.key, ...state.keys] };
    case 'KeyReplaced':
      return { keys: [event.data.key, ...state.keys.filter(({ kid }) => kid !== event.data.key.kid)] };
    case 'KeyDeleted':
      return { keys: state.keys.filter(({ kid }) => kid !== event.data.kid) };
    case 'KeySetDeleted':
      return { keys: [] };
    default:
      return assertNever(event);
  }
}

/**
 * Decides what a command changes; `[]` where there is nothing to delete, or a signing key is there already.
 *
 * @throws DomainError `key_exists` when a kid would stand twice in a set | `signing_key_required` when a signing set would be
 *   left without a private RSA key and the command brought no successor
 */
function decide(command: KeySetCommand, state: KeySet): KeySetEvent[] {
  const events = change(command, state);
  if (!('signs' in command.data) || !command.data.signs || events.length === 0) return events;
  const after = events.reduce(evolve, state);
  if (after.keys.some(canSign)) return events;
  if (command.data.successor === undefined) {
    throw new DomainError(
      'signing_key_required',
      `key set ${command.set} signs tokens and would be left without a private RSA key`,
    );
  }
  return [...events, ...addKeys(command, command.data.successor, after)];
}

function change(command: KeySetCommand, state: KeySet): KeySetEvent[] {
  const { set } = command;
  const at = command.now.toISOString();
  switch (command.type) {
    case 'AddGeneratedKeys':
      return addKeys(command, command.data.keys, state);
    case 'EnsureSigningKey':
      return state.keys.some(canSign) ? [] : addKeys(command, command.data.keys, state);
    case 'PutKey': {
      const { key } = command.data;
      if (state.keys.some(({ kid }) => kid === key.kid))
        return [{ type: 'KeyReplaced', data: { set, key, replacedAt: at } }];
      return [{ type: 'KeyAdded', data: { set, key, addedAt: at } }];
    }
    case 'DeleteKey': {
      const { kid } = command.data;
      return state.keys.some((key) => key.kid === kid)
        ? [{ type: 'KeyDeleted', data: { set, kid, deletedAt: at } }]
        : [];
    }
    case 'PutKeySet': {
      const { keys } = command.data;
      refuseDuplicates(keys);
      if (keys.length > 0) return [{ type: 'KeySetReplaced', data: { set, keys, replacedAt: at } }];
      return state.keys.length > 0 ? [{ type: 'KeySetDeleted', data: { set, deletedAt: at } }] : [];
    }
    case 'DeleteKeySet':
      return state.keys.length > 0 ? [{ type: 'KeySetDeleted', data: { set, deletedAt: at } }] : [];
    default:
      return assertNever(command);
  }
}

function addKeys({ set, now }: KeySetCommand, keys: readonly KeyEntry[], state: KeySet): KeySetEvent[] {
  refuseDuplicates([...keys, ...state.keys]);
  const at = now.toISOString();
  if (state.keys.length === 0) return [{ type: 'KeySetCreated', data: { set, keys, createdAt: at } }];
  const takesOverFrom = state.keys.map(({ kid }) => kid);
  return [{ type: 'KeyRotated', data: { set, keys, takesOverFrom, rotatedAt: at } }];
}

function refuseDuplicates(keys: readonly KeyEntry[]): void {
  if (new Set(keys.map(({ kid }) => kid)).size !== keys.length) {
    throw new DomainError('key_exists', 'a key with this kid exists already in the set');
  }
}

/** Ids are set names. */
export const keySet: Decider<KeySetCommand, KeySet, KeySetEvent> = {
  streamOf: (set) => streamName('keyset', set),
  initial: () => ({ keys: [] }),
  decide,
  evolve,
};
