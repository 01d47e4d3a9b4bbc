import { sealWithSubjectKey, unsealWithSubjectKey } from '#libs/crypto';
import {
  type DomainEvent,
  type EventSchema,
  type EventSchemas,
  type EventUpcasters,
  type JsonObject,
} from '#libs/domain';
import { type EncodedEvent, type Eventually, type Position, type StoredEvent } from '../port.js';
import { type EventMetadata, type RecordedEvent } from './event-metadata.js';
import { type FoundKey, type PersonalDataKeys, type SubjectKey, rootKeyId, streamKeyId } from './personal-data.js';

/** A stored event this program cannot read. Whoever follows the log stops here. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;

  constructor({ type, stream, revision, position }: StoredEvent, problem: string, options?: ErrorOptions) {
    super(`${type} at position ${position} (stream ${stream}, revision ${revision}) ${problem}`, options);
    this.stream = stream;
    this.revision = revision;
    this.position = position;
  }
}

/** How personal members lie in stored data, under `sealed`: the key's id, `stream` or `root`, and one sealed JSON value of all of them. */
type Sealed = { k: string; v: string };

/**
 * Between domain events and what is stored: versions and upcasters, and the sealing of personal members.
 *
 * A sealed value is bound to its event's id and type. With `data.subjectHash` it is sealed under that subject's key, else under one of
 * its stream.
 */
export class EventCodec {
  constructor(
    private readonly schemas: EventSchemas,
    private readonly upcasters: EventUpcasters,
    private readonly keys: PersonalDataKeys,
  ) {}

  /**
   * The version events of this type are stored with.
   *
   * @throws TypeError when the type has no schema
   */
  schemaVersion(type: string): number {
    return this.schemaOf(type).version;
  }

  /** Synchronous when the event has no personal member or its key is at hand. */
  encode(event: DomainEvent, metadata: EventMetadata, stream: string): Eventually<EncodedEvent> {
    const encoded = (data: object): EncodedEvent => ({
      id: metadata.eventId,
      type: event.type,
      data: JSON.stringify(data),
      metadata: JSON.stringify(metadata),
    });
    const { clear, personal } = separate(event.data, this.schemaOf(event.type).personal);
    if (personal === undefined) return encoded(event.data);
    if (clear['sealed'] !== undefined) throw new TypeError(`${event.type} has personal members and one named "sealed"`);

    const plaintext = JSON.stringify(personal);
    const context = contextOf(metadata.eventId, event.type);
    const sealed = (k: string, v: string): EncodedEvent => encoded({ ...clear, sealed: { k, v } satisfies Sealed });
    const { subjectHash } = clear;
    if (typeof subjectHash !== 'string') return sealed(streamKeyId, this.keys.sealInStream(stream, plaintext, context));
    const withKey = ({ keyId, key }: SubjectKey) => sealed(keyId, sealWithSubjectKey(key, plaintext, context));
    const key = this.keys.subjectKey(subjectHash);
    return key instanceof Promise ? key.then(withKey) : withKey(key);
  }

  /**
   * Synchronous when the event has no sealed member or its key is at hand.
   *
   * @throws CodecError (or rejects with it) for an unknown type, a newer version, a key that is missing without being erased, or damage
   */
  decode(stored: StoredEvent): Eventually<RecordedEvent> {
    const data = parseObject(stored, 'data');
    const metadata = parseObject(stored, 'metadata') as EventMetadata & JsonObject;
    this.checkReadable(stored, metadata);
    if (!isSealed(data['sealed'])) return this.recorded(stored, metadata, data);

    const { sealed, ...clear } = data as JsonObject & { sealed: Sealed }; // a copy, which a replay pays only where it must
    const withKey = (found: FoundKey): RecordedEvent => {
      if (found === 'erased') return { ...this.recorded(stored, metadata, clear), erased: true };
      if (found === undefined) throw new CodecError(stored, `is sealed with key ${sealed.k}, which is missing`);
      const personal = unseal(stored, () =>
        unsealWithSubjectKey(found.key, sealed.v, contextOf(stored.id, stored.type)),
      );
      return this.recorded(stored, metadata, { ...clear, ...personal });
    };
    if (sealed.k === streamKeyId || sealed.k === rootKeyId) {
      const personal = unseal(stored, () => this.unsealed(stored, sealed));
      return this.recorded(stored, metadata, { ...clear, ...personal });
    }
    const found = this.keys.keyById(sealed.k);
    return found instanceof Promise ? found.then(withKey) : withKey(found);
  }

  /** Of nobody in particular. */
  private unsealed({ id, type, stream }: StoredEvent, { k, v }: Sealed): string {
    const context = contextOf(id, type);
    return k === rootKeyId ? this.keys.unsealWithRoot(v, context) : this.keys.unsealInStream(stream, v, context);
  }

  private checkReadable(stored: StoredEvent, { schemaVersion }: Partial<EventMetadata>): void {
    const known = this.find(stored.type);
    if (known === undefined) throw new CodecError(stored, 'is of a type this version of Hydrant does not know');
    if (!Number.isInteger(schemaVersion)) throw new CodecError(stored, 'has no schemaVersion');
    if (schemaVersion! > known.version) {
      throw new CodecError(
        stored,
        `was written by a newer version of Hydrant (schema ${schemaVersion}, known ${known.version})`,
      );
    }
  }

  private recorded(stored: StoredEvent, metadata: EventMetadata, stepwise: JsonObject): RecordedEvent {
    const { type, stream, revision, position } = stored;
    const current = this.schemaOf(type).version;
    let data = stepwise;
    for (let version = metadata.schemaVersion; version < current; version += 1) {
      const upcast = this.upcasters[type]?.[version];
      if (upcast === undefined)
        throw new CodecError(stored, `has schema ${version}, and nothing leads to ${version + 1}`);
      data = upcast(data);
    }
    return { event: { type, data }, stream, revision, position, metadata };
  }

  private schemaOf(type: string): EventSchema {
    const schema = this.find(type);
    if (schema === undefined) throw new TypeError(`no schema for events of type ${type}`);
    return schema;
  }

  private find(type: string): EventSchema | undefined {
    return Object.hasOwn(this.schemas, type) ? this.schemas[type] : undefined;
  }
}

function separate(
  data: object,
  members: readonly string[] = [],
): { clear: Record<string, unknown>; personal: Record<string, unknown> | undefined } {
  const clear: Record<string, unknown> = { ...data };
  let personal: Record<string, unknown> | undefined;
  for (const member of members) {
    if (clear[member] === undefined) continue;
    personal = { ...personal, [member]: clear[member] };
    delete clear[member];
  }
  return { clear, personal };
}

function contextOf(eventId: string, type: string): string {
  return `${eventId} ${type}`;
}

function isSealed(value: unknown): value is Sealed {
  return typeof value === 'object' && value !== null && 'k' in value && 'v' in value;
}

function parseObject(stored: StoredEvent, part: 'data' | 'metadata'): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(stored[part]);
  } catch (error) {
    throw new CodecError(stored, `has ${part} that is not JSON`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CodecError(stored, `has ${part} that is not an object`);
  }
  return value as JsonObject;
}

function unseal(stored: StoredEvent, open: () => string): JsonObject {
  try {
    return JSON.parse(open()) as JsonObject;
  } catch (error) {
    throw new CodecError(stored, 'has personal data that cannot be unsealed', { cause: error });
  }
}
