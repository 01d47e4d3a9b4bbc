import { expect } from '@jest/globals';
import { type Decider, type DomainErrorCode, type DomainEvent, DomainError } from '#libs/domain';

/** What a rule says: given events, when a command comes, then these events, none, or a refusal. */
export type Rule<Command, Event> = {
  when(command: Command): {
    thenEvents(...expected: Event[]): void;
    thenNothing(): void;
    /** Refused with this code. */
    thenRefuses(code: DomainErrorCode): void;
  };
};

/** Makes given/when/then for an aggregate: `given(...events).when(command).thenEvents(...)`. */
export function deciderSpec<Command, State, Event extends DomainEvent>(
  decider: Decider<Command, State, Event>,
): (...given: Event[]) => Rule<Command, Event> {
  return (...given) => ({
    when(command) {
      const state = given.reduce(
        (folded, event, revision) => decider.evolve(folded, event, revision),
        decider.initial(),
      );
      const decide = (): Event[] => decider.decide(command, state);
      return {
        thenEvents: (...expected) => expect(decide()).toEqual(expected),
        thenNothing: () => expect(decide()).toEqual([]),
        thenRefuses: (code) => expect(refusalOf(decide)).toBe(code),
      };
    },
  });
}

function refusalOf(decide: () => unknown): string {
  try {
    return `not refused: ${JSON.stringify(decide())}`;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}
