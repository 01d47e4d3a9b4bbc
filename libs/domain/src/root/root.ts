import { DomainError } from '../refusals.js';
import { type Decider, type EventSchemas, type Timestamp, assertNever } from '../shared.js';

/** The root key, sealed under a key stretched from the system secret with argon2id. `salt` and `sealed` are base64url. */
export type SealedRootKey = {
  readonly generation: number;
  readonly kdf: {
    readonly algorithm: 'argon2id';
    readonly salt: string;
    readonly memoryKiB: number;
    readonly passes: number;
    readonly parallelism: number;
  };
  readonly sealed: string;
};

export type RootEvent =
  | { type: 'RootKeyCreated'; data: SealedRootKey & { createdAt: Timestamp } }
  | { type: 'RootKeyResealed'; data: SealedRootKey & { resealedAt: Timestamp } };

export const rootEventSchemas: EventSchemas<RootEvent> = {
  RootKeyCreated: { version: 1 },
  RootKeyResealed: { version: 1 },
};

export type RootCommand =
  { type: 'CreateRootKey'; data: SealedRootKey; now: Date } | { type: 'ResealRootKey'; data: SealedRootKey; now: Date };

export type Root = { sealedKey: SealedRootKey | undefined };

/**
 * `[]` when there is a root key already: of two first starts one wins, and both use its key.
 *
 * @throws DomainError `root_key_missing` when there is none to reseal
 */
function decide(command: RootCommand, state: Root): RootEvent[] {
  const at = command.now.toISOString();
  switch (command.type) {
    case 'CreateRootKey':
      return state.sealedKey === undefined
        ? [{ type: 'RootKeyCreated', data: { ...command.data, createdAt: at } }]
        : [];
    case 'ResealRootKey':
      if (state.sealedKey === undefined) throw new DomainError('root_key_missing', 'there is no root key to reseal');
      return [{ type: 'RootKeyResealed', data: { ...command.data, resealedAt: at } }];
    default:
      return assertNever(command);
  }
}

/** There is one root stream; the id is ignored. */
export const root: Decider<RootCommand, Root, RootEvent> = {
  streamOf: () => 'root',
  initial: () => ({ sealedKey: undefined }),
  decide,
  evolve: (_state, { data: { generation, kdf, sealed } }) => ({ sealedKey: { generation, kdf, sealed } }),
};
