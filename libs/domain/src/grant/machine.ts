import { type Decider, streamName } from '../shared.js';
import { type TokensIssued } from './tokens.js';

/** The tokens that one instance issued by the client_credentials grant in one turn; they share an append. */
export type MachineCommand = { type: 'IssueMachineTokens'; data: { issued: readonly TokensIssued['data'][] } };

/** Nothing is decided on these streams: each has one writer and every token a grant of its own. */
export type Machine = null;

/** Ids are `<instance>-<hour>`. */
export const machine: Decider<MachineCommand, Machine, TokensIssued> = {
  streamOf: (id) => streamName('machine', id),
  initial: () => null,
  decide: ({ data }) => data.issued.map((issued) => ({ type: 'TokensIssued', data: issued })),
  evolve: () => null,
};
