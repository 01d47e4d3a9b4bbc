import { BoundedCache } from '#libs/bounded-cache';
import { type AuthorityEvent } from '#libs/domain';
import {
  type EventCodec,
  type EventStore,
  type RecordedEvent,
  type StoredEvent,
  StreamDeletedError,
  streamPages,
} from '#libs/event-store';
import { type IntegrationEvent, type Unavailable, present } from './integration-event.js';
import { type StreamFacts, factsAfter, noFacts, rememberedTypes } from './stream-facts.js';
import { publishedRow } from './table.js';

/** Streams whose facts are kept in memory; what is not there is read. */
const rememberedStreams = 5_000;
/** What the events took that the facts in memory are made of, in characters. */
const rememberedLength = 16 * 1_048_576;

/**
 * `subjects` `hash`: whoever is to be named is known by the subject's hash only. `tokenEvents` `all`: also what is issued and refreshed.
 */
export type MappingOptions = {
  readonly store: Pick<EventStore, 'readStream'>;
  readonly codec: Pick<EventCodec, 'decode'>;
  readonly subjects: 'clear' | 'hash';
  readonly tokenEvents: 'revoked' | 'all';
};

/** An event of the log as others get it, with what the log recorded of it. */
export type Mapped = { readonly event: IntegrationEvent; readonly recorded: RecordedEvent };

/** The facts of a stream after the event at `revision`. */
type Remembered = { readonly revision: number; readonly facts: StreamFacts; readonly length: number };

/**
 * Makes integration events of stored ones: a pure function of the event and the earlier events of its own stream, by the table. Events
 * are to be given in log order; from wherever one starts, the result is the same, as long as nobody was erased and nothing expired.
 */
export class EventMapper {
  private readonly remembered = new BoundedCache<string, Remembered>(rememberedStreams, {
    maxBytes: rememberedLength,
    bytesOf: ({ length }) => length,
  });

  constructor(private readonly options: MappingOptions) {}

  /**
   * @returns undefined when the event is nobody else's business
   * @throws CodecError for an event that cannot be read; UnavailableError when the store does not answer
   */
  async map(stored: StoredEvent): Promise<Mapped | undefined> {
    const row = publishedRow(stored.type);
    const publish = row !== undefined && (row.optional !== true || this.options.tokenEvents === 'all');
    if (!publish && !rememberedTypes.has(stored.type)) return undefined;
    const recorded = await this.options.codec.decode(stored);
    const before = publish && row.needsFacts === true ? await this.factsBefore(stored) : noFacts;
    if (rememberedTypes.has(stored.type)) this.remember(stored, recorded, before === 'expired' ? noFacts : before);
    if (!publish) return undefined;
    const facts = before === 'expired' ? noFacts : before;
    const { key, aggregate, data, personal = {} } = row.content(recorded.event.data as never, facts);
    const lost = this.unavailable(recorded, before);
    const named = this.options.subjects === 'clear' ? personal : {};
    const body = present({ ...data, ...named, ...attribution(recorded), unavailable: lost });
    return { event: { topic: row.topic, type: row.type, key, aggregate, data: body }, recorded };
  }

  private unavailable({ erased }: RecordedEvent, before: StreamFacts | 'expired'): Unavailable | undefined {
    if (before === 'expired') return 'expired';
    return erased === true || before.erased === true ? 'erased' : undefined;
  }

  /** What the stream said before this event; `expired` when it was deleted. */
  private async factsBefore({ stream, revision }: StoredEvent): Promise<StreamFacts | 'expired'> {
    if (revision === 0) return noFacts;
    const known = this.remembered.get(stream);
    if (known !== undefined && known.revision < revision) return known.facts;
    try {
      return await this.factsOfEarlier(stream, revision);
    } catch (error) {
      if (error instanceof StreamDeletedError) return 'expired';
      throw error;
    }
  }

  private async factsOfEarlier(stream: string, before: number): Promise<StreamFacts | 'expired'> {
    let facts: StreamFacts | 'expired' = 'expired';
    for await (const page of streamPages(this.options.store, stream)) {
      for (const stored of page) {
        if (stored.revision >= before) return facts;
        const recorded = await this.options.codec.decode(stored);
        facts = this.remember(stored, recorded, facts === 'expired' ? noFacts : facts);
      }
    }
    return facts;
  }

  /** @returns the facts after this event */
  private remember({ data }: StoredEvent, recorded: RecordedEvent, before: StreamFacts): StreamFacts {
    const { event, stream, revision, erased } = recorded;
    const facts = factsAfter(before, event as AuthorityEvent, erased === true);
    this.remembered.set(stream, { revision, facts, length: data.length });
    return facts;
  }
}

function attribution({ metadata }: RecordedEvent): { actor: string; reason: string | undefined; requestId: string } {
  const { actor, reason, correlationId } = metadata;
  return { actor, reason, requestId: correlationId };
}
