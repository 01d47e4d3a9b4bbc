import { type Decider, type EventSchemas, streamName } from '../shared.js';

/** One private JWK, sealed under the root key. Its stream is deleted with the key that names it. */
export type KeySecretEvent = { type: 'SecretSealed'; data: { secretId: string; set: string; sealedJwk: string } };

export const keySecretEventSchemas: EventSchemas<KeySecretEvent> = { SecretSealed: { version: 1 } };

export type KeySecretCommand = { type: 'SealSecret'; data: { secretId: string; set: string; sealedJwk: string } };

export type KeySecret = { sealedJwk: string | undefined };

/** Ids are secret ids, minted once and never used again. */
export const keySecret: Decider<KeySecretCommand, KeySecret, KeySecretEvent> = {
  streamOf: (secretId) => streamName('secret', secretId),
  initial: () => ({ sealedJwk: undefined }),
  decide: ({ data }, state) => (state.sealedJwk === undefined ? [{ type: 'SecretSealed', data }] : []),
  evolve: (_state, { data }) => ({ sealedJwk: data.sealedJwk }),
};
