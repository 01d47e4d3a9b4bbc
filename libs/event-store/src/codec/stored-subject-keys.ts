import { BoundedCache } from '#libs/bounded-cache';
import { type SealPurpose, newSubjectKey } from '#libs/crypto';
import { type EventSchemas, type EventUpcasters, subject, subjectKey } from '#libs/domain';
import { decideAndAppend } from '../decide-and-append.js';
import { StreamDeletedError, UnavailableError } from '../errors.js';
import { EventLog, loadState } from '../event-log.js';
import { type EventStore, type Eventually } from '../port.js';
import { EventCodec } from './codec.js';
import { type Attribution } from './event-metadata.js';
import { type FoundKey, type PersonalDataKeys, type SubjectKey } from './personal-data.js';

/** The part of a root key, or of all its generations together, that sealing takes. */
export interface RootSeal {
  seal(purpose: SealPurpose, plaintext: string, context: string): string;
  unseal(purpose: SealPurpose, sealed: string, context: string): string;
  sealInStream(stream: string, plaintext: string, context: string): string;
  unsealInStream(stream: string, sealed: string, context: string): string;
}

/** `by` is recorded with the keys' own events; `rememberedKeys` (20,000) bounds each cache. */
export type StoredSubjectKeysOptions = {
  store: EventStore;
  schemas: EventSchemas;
  upcasters: EventUpcasters;
  root: RootSeal;
  clock: () => Date;
  newId: (now: Date) => string;
  by: Attribution;
  rememberedKeys?: number;
};

/**
 * The subjects' keys, kept in the event store itself: sealed under the root key in `subjectkey-<keyId>`, registered in `subject-<hash>`.
 *
 * It writes through a log of its own: a command on a subject's stream may need that subject's key, and would wait for itself in a
 * shared queue.
 */
export class StoredSubjectKeys implements PersonalDataKeys {
  private readonly log: EventLog;
  private readonly byHash: BoundedCache<string, SubjectKey>;
  private readonly byId: BoundedCache<string, SubjectKey | 'erased'>;
  private readonly wanted = new Map<string, Promise<SubjectKey>>();

  constructor(private readonly options: StoredSubjectKeysOptions) {
    const { store, schemas, upcasters, clock, newId, rememberedKeys = 20_000 } = options;
    this.log = new EventLog({ store, codec: new EventCodec(schemas, upcasters, this), clock, newId });
    this.byHash = new BoundedCache(rememberedKeys);
    this.byId = new BoundedCache(rememberedKeys);
  }

  /** @throws UnavailableError when the subject's key is gone and its stream does not say so yet: an erasure is under way */
  subjectKey(subjectHash: string): Eventually<SubjectKey> {
    const known = this.byHash.get(subjectHash) ?? this.wanted.get(subjectHash);
    if (known !== undefined) return known;
    const wanted = this.findOrCreate(subjectHash).finally(() => this.wanted.delete(subjectHash));
    this.wanted.set(subjectHash, wanted);
    return wanted;
  }

  keyById(keyId: string): Eventually<FoundKey> {
    return this.byId.get(keyId) ?? this.load(keyId);
  }

  sealInStream(stream: string, plaintext: string, context: string): string {
    return this.options.root.sealInStream(stream, plaintext, context);
  }

  unsealInStream(stream: string, sealed: string, context: string): string {
    return this.options.root.unsealInStream(stream, sealed, context);
  }

  unsealWithRoot(sealed: string, context: string): string {
    return this.options.root.unseal('personal-data', sealed, context);
  }

  /** Drops a key from memory. To be called for every key whose stream was deleted, by whichever process. */
  forget(keyId: string): void {
    this.byId.set(keyId, 'erased');
    this.byHash.deleteWhere((key) => key.keyId === keyId);
  }

  /** Ends background work on appends of unknown outcome. */
  close(): void {
    this.log.close();
  }

  private async findOrCreate(subjectHash: string): Promise<SubjectKey> {
    const { state } = await loadState(this.log, subject, subjectHash);
    const key = state.keyId === undefined ? await this.create(subjectHash) : await this.registered(state.keyId);
    if (this.byId.get(key.keyId) !== 'erased') this.byHash.set(subjectHash, key);
    return key;
  }

  /** First the sealed key, then the event that names it. Of two creators one registers its key; the other removes its own. */
  private async create(subjectHash: string): Promise<SubjectKey> {
    const { root, clock, newId, by } = this.options;
    const now = clock();
    const created = { keyId: newId(now), key: newSubjectKey() };
    const { keyId } = created;
    const sealedKey = root.seal('subject-key', created.key, keyId);
    const scope = this.log.newCommand();
    const seal = { type: 'SealSubjectKey', data: { keyId, sealedKey } } as const;
    const { revision } = await decideAndAppend(this.log, { decider: subjectKey, id: keyId, command: seal, by, scope });
    const register = { type: 'RegisterSubjectKey', data: { subjectHash, keyId }, now } as const;
    const registration = { decider: subject, id: subjectHash, command: register, by, scope };
    const { state } = await decideAndAppend(this.log, registration);
    if (state.keyId !== undefined && state.keyId !== keyId) {
      await this.log.deleteStream(subjectKey.streamOf(keyId), { expectedRevision: revision }).catch(() => undefined); // an unused key that stays harms nobody
      return this.registered(state.keyId);
    }
    this.byId.set(keyId, created);
    return created;
  }

  private async registered(keyId: string): Promise<SubjectKey> {
    const key = await this.keyById(keyId);
    if (key === undefined || key === 'erased') throw new UnavailableError(`the key ${keyId} of a subject is gone`);
    return key;
  }

  private async load(keyId: string): Promise<FoundKey> {
    try {
      const { state } = await loadState(this.log, subjectKey, keyId);
      if (this.byId.get(keyId) === 'erased') return 'erased'; // forgotten while it was read
      if (state.sealedKey === undefined) return undefined;
      const key = { keyId, key: this.options.root.unseal('subject-key', state.sealedKey, keyId) };
      this.byId.set(keyId, key);
      return key;
    } catch (error) {
      if (!(error instanceof StreamDeletedError)) throw error;
      this.byId.set(keyId, 'erased');
      return 'erased';
    }
  }
}
