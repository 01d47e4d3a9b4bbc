import { describe, it } from '@jest/globals';
import { type AuthorityEvent } from '#libs/domain';
import { type ReadModelDatabase } from '../engine/database.js';
import { given } from '../projection-spec.js';
import { at, clientCreated, clientDeleted } from '../spec-events.js';
import { findForcedIdentifier } from './subjects.projection.js';

const forced = (identifier: string): AuthorityEvent => ({
  type: 'SubjectIdentifierForced',
  data: {
    subjectHash: 'hash-anna',
    subject: 'anna',
    clientId: 'app',
    clientIncarnation: 0,
    identifier,
    forcedAt: at(1),
  },
});
const find =
  (clientIncarnation = 0) =>
  (db: ReadModelDatabase): string | undefined =>
    findForcedIdentifier(db, { subjectHash: 'hash-anna', clientId: 'app', clientIncarnation });

describe('findForcedIdentifier', () => {
  it('is the newest', () => given(clientCreated(), forced('x'), forced('y')).thenAnswers(find(), 'y'));
  it('goes with its client', () => given(clientCreated(), forced('x'), clientDeleted()).thenAnswers(find(), undefined));
  it('does not pass on to a client created again', () =>
    given(clientCreated(), forced('x'), clientDeleted(), clientCreated()).thenAnswers(
      (db) => [find()(db), find(2)(db)],
      [undefined, undefined],
    ));
});
