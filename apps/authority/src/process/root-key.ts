import { CryptoError, type RootKey, createRootKey, openRootKey, resealRootKey, uuidV7 } from '#libs/crypto';
import { type SealedRootKey, eventSchemas, root } from '#libs/domain';
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
  sealInStream: refused,
  unsealInStream: refused,
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
  const log = logOf(store, () => clock.now());
  const by = { actor: 'hydrant', correlationId: uuidV7(clock.now()) };
  const first = firstOf(secrets);
  let { sealedKey } = (await loadState(log, root, 'root')).state;
  if (sealedKey === undefined) {
    const { sealed } = await createRootKey(first, 1);
    const command = { type: 'CreateRootKey', data: sealed, now: clock.now() } as const;
    const created = await decideAndAppend(log, { decider: root, id: 'root', command, by });
    sealedKey = created.state.sealedKey ?? sealed;
  }
  const { key, sealedByFirst } = await unseal(sealedKey, secrets);
  if (!sealedByFirst) {
    const command = { type: 'ResealRootKey', data: await resealRootKey(key, first), now: clock.now() } as const;
    await decideAndAppend(log, { decider: root, id: 'root', command, by });
  }
  log.close();
  return key;
}

/**
 * The root key of a log, without a change to it; undefined when it has none yet.
 *
 * @throws ConfigurationError naming `SECRETS_SYSTEM` when none of the secrets unseals it
 */
export async function unsealRoot(
  store: EventStore,
  secrets: readonly string[],
): Promise<{ readonly key: RootKey } | undefined> {
  const log = logOf(store, () => new Date());
  const { sealedKey } = (await loadState(log, root, 'root')).state;
  log.close();
  return sealedKey === undefined ? undefined : unseal(sealedKey, secrets);
}

function logOf(store: EventStore, clock: () => Date): EventLog {
  return new EventLog({ store, codec: new EventCodec(eventSchemas, {}, noKeys), clock, newId: uuidV7 });
}

function firstOf(secrets: readonly string[]): string {
  const [first] = secrets;
  if (first === undefined) throw new ConfigurationError('SECRETS_SYSTEM must be set');
  return first;
}

function unseal(sealedKey: SealedRootKey, secrets: readonly string[]): ReturnType<typeof openRootKey> {
  return openRootKey(sealedKey, secrets).catch((error: unknown) => {
    if (!(error instanceof CryptoError)) throw error;
    throw new ConfigurationError(
      'SECRETS_SYSTEM does not unseal the root key of this event log: give the secret it was started with',
    );
  });
}

function refused(): never {
  throw new TypeError('the root stream has no personal data');
}
