import { type Position } from './port.js';

/**
 * What a command did: its events, and state and revision after them. `position` is that of the last event, undefined when nothing was
 * appended. `repeated`: the same command was carried out before; the events are those of then, the state is as it is now.
 */
export type Committed<State, Event> = {
  events: readonly Event[];
  state: State;
  revision: number;
  position: Position | undefined;
  commandId: string;
  repeated?: true;
};
