import { CryptoError, type RootKey, createRootKey, openRootKey, resealRootKey, uuidV7 } from '#libs/crypto';
import { eventSchemas, root } from '#libs/domain';
import {
  EventCodec,
  EventLog,
  type EventStore,
  type PersonalDataKeys,
  decideAndAppend,
  loadState,
} from '#libs/event-store';
import { type Clock } from '../commands/clock.js';
import { ConfigurationError } from '../config/configuration.js';

/** The root stream holds nothing personal: it is what all other keys come from. */
const noKeys: PersonalDataKeys = {
  subjectKey: refused,
  keyById: refused,
  sealWithRoot: refused,
  unsealWithRoot: refused,
};

/**
 * Unseals the root key, or makes one at the first start; of two first starts one wins. Sealed again when another system secret
 * than the first has unsealed it: that is how the secret is rotated.
 *
 * @param secrets the first seals, all unseal
 * @throws ConfigurationError naming `SECRETS_SYSTEM` when none of them unseals it
 */
export async function openRoot(store: EventStore, secrets: readonly string[], clock: Clock): Promise<RootKey> {
  const codec = new EventCodec(eventSchemas, {}, noKeys);
  const log = new EventLog({ store, codec, clock: () => clock.now(), newId: uuidV7 });
  const by = { actor: 'hydrant', correlationId: uuidV7(clock.now()) };
  const [first] = secrets;
  if (first === undefined) throw new ConfigurationError('SECRETS_SYSTEM must be set');
  let { sealedKey } = (await loadState(log, root, 'root')).state;
  if (sealedKey === undefined) {
    const { sealed } = await createRootKey(first, 1);
    const command = { type: 'CreateRootKey', data: sealed, now: clock.now() } as const;
    const created = await decideAndAppend(log, { decider: root, id: 'root', command, by });
    sealedKey = created.state.sealedKey ?? sealed;
  }
  const { key, sealedByFirst } = await openRootKey(sealedKey, secrets).catch((error: unknown) => {
    if (!(error instanceof CryptoError)) throw error;
    throw new ConfigurationError(
      'SECRETS_SYSTEM does not unseal the root key of this event log: give the secret it was started with',
    );
  });
  if (!sealedByFirst) {
    const command = { type: 'ResealRootKey', data: await resealRootKey(key, first), now: clock.now() } as const;
    await decideAndAppend(log, { decider: root, id: 'root', command, by });
  }
  log.close();
  return key;
}

function refused(): never {
  throw new TypeError('the root stream has no personal data');
}
