import { type Members } from './integration-event.js';
import { type StreamFacts } from './stream-facts.js';

/** Who an event is about, as far as the event itself or the earlier ones of its stream say. */
export type Person = Pick<StreamFacts, 'clientId' | 'subjectHash' | 'subject'>;

/** What is about a person is ordered by the subject's hash; what knows of none by its client, and by its own id where both are gone. */
export function personKey({ subjectHash, clientId }: Person, id: string): string {
  return subjectHash ?? clientId ?? id;
}

/** The members that say whom an event is about, without naming anybody. */
export function whom({ clientId, subjectHash }: Person): Members {
  return { subjectHash, clientId };
}
