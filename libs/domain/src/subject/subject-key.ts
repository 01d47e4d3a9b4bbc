import { type Decider, type EventSchemas, streamName } from '../shared.js';

/** The key that seals one person's data. Deleting its stream is what erases the person. */
export type SubjectKeyEvent = { type: 'SubjectKeySealed'; data: { keyId: string; sealedKey: string } };

export const subjectKeyEventSchemas: EventSchemas<SubjectKeyEvent> = { SubjectKeySealed: { version: 1 } };

export type SubjectKeyCommand = { type: 'SealSubjectKey'; data: { keyId: string; sealedKey: string } };

export type SubjectKeyState = { sealedKey: string | undefined };

/** Ids are key ids, minted once and never used again. */
export const subjectKey: Decider<SubjectKeyCommand, SubjectKeyState, SubjectKeyEvent> = {
  streamOf: (keyId) => streamName('subjectkey', keyId),
  initial: () => ({ sealedKey: undefined }),
  decide: ({ data }, state) => (state.sealedKey === undefined ? [{ type: 'SubjectKeySealed', data }] : []),
  evolve: (_state, { data }) => ({ sealedKey: data.sealedKey }),
};
