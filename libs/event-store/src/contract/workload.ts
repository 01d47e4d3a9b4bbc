import fc from 'fast-check';
import { type EncodedEvent } from '../port.js';
import { anEvent } from './sample-events.js';

/** Streams and revisions are few, so that conflicts, repetitions and deletions meet. */
export type Step =
  | { do: 'append'; stream: string; expectedRevision: number; batch: number }
  | { do: 'delete'; stream: string; expectedRevision: number }
  | { do: 'readStream'; stream: string; from: number }
  | { do: 'readAll'; after: number; limit: number }
  | { do: 'head' };

const stream = fc.constantFrom('a-1', 'a-2', 'a-3');
const expectedRevision = fc.integer({ min: -1, max: 4 });
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('append' as const), stream, expectedRevision, batch: fc.nat(7) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), stream, expectedRevision }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('readStream' as const), stream, from: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('readAll' as const),
      after: fc.nat(30),
      limit: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('head' as const) }) },
);
/** What `Step.batch` chooses from; choosing the same again is how repetitions come about. */
export const batches: readonly EncodedEvent[][] = Array.from({ length: 8 }, (_, index) =>
  Array.from({ length: 1 + (index % 3) }, () => anEvent()),
);
