import { type Jwk, publicJwk } from '#libs/crypto';
import { type JsonObject, type KeyEntry, type KeySecretEvent, type KeySetEvent } from '#libs/domain';
import { aggregate } from './integration-event.js';
import { rows } from './row.js';

const keySet = (set: string) => ({ key: set, aggregate: aggregate('key-set', set) });
const topic = 'key.v1';

/** Keys: keyed by set; public JWKs and kids only. */
export const keyRows = rows<KeySetEvent['type'] | KeySecretEvent['type']>({
  KeySetCreated: {
    topic,
    type: 'hydrant.key_set.created.v1',
    summary: 'A set got its first keys.',
    content: ({ set, keys }) => ({ ...keySet(set), data: { set, keys: keys.map(published) } }),
  },
  KeyRotated: {
    topic,
    type: 'hydrant.key.rotated.v1',
    summary: 'New keys were generated in a set that had some. `takesOverFrom` names the kids they take over from.',
    content: ({ set, keys, takesOverFrom }) => ({
      ...keySet(set),
      data: { set, keys: keys.map(published), takesOverFrom },
    }),
  },
  KeyAdded: {
    topic,
    type: 'hydrant.key.added.v1',
    summary: 'A key of which the set had no kid was put in.',
    content: ({ set, key }) => ({ ...keySet(set), data: { set, key: published(key) } }),
  },
  KeyReplaced: {
    topic,
    type: 'hydrant.key.replaced.v1',
    summary: 'A key was put in the place of the one with its kid.',
    content: ({ set, key }) => ({ ...keySet(set), data: { set, key: published(key) } }),
  },
  KeyDeleted: {
    topic,
    type: 'hydrant.key.deleted.v1',
    summary: 'A key was deleted.',
    content: ({ set, kid }) => ({ ...keySet(set), data: { set, kid } }),
  },
  KeySetReplaced: {
    topic,
    type: 'hydrant.key_set.replaced.v1',
    summary: 'All keys of a set were replaced.',
    content: ({ set, keys }) => ({ ...keySet(set), data: { set, keys: keys.map(published) } }),
  },
  KeySetDeleted: {
    topic,
    type: 'hydrant.key_set.deleted.v1',
    summary: 'A set was deleted with all its keys.',
    content: ({ set }) => ({ ...keySet(set), data: { set } }),
  },
  SecretSealed: { stays: 'a private key, sealed; the event of its set tells of the key' },
});

function published({ kid, publicJwk: jwk }: KeyEntry): JsonObject {
  return { kid, publicJwk: publicJwk(jwk as Jwk) };
}
