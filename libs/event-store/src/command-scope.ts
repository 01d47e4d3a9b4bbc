const maxEvents = 0x1_0000;

/**
 * The ids of one command and its events.
 *
 * `commandId` is a UUIDv7 whose last 16 bits are zero; the id of an event is the same with the event's index in those bits. The index
 * runs over everything the command writes: a command that writes several streams passes one scope to each `decideAndAppend`.
 */
export class CommandScope {
  private prefix: string;
  private index = 0;

  /** @param newPrefix the next UUIDv7 without its last four digits, never one that was given before */
  constructor(private readonly newPrefix: () => string) {
    this.prefix = newPrefix();
  }

  get commandId(): string {
    return `${this.prefix}0000`;
  }

  /** @throws RangeError after 65,536 events */
  nextEventId(): string {
    if (this.index === maxEvents) throw new RangeError(`command ${this.commandId} has too many events`);
    const id = this.prefix + this.index.toString(16).padStart(4, '0');
    this.index += 1;
    return id;
  }

  /** Continues under a new command id: ids of an attempt whose outcome was unknown are not used for another decision. */
  renew(): void {
    this.prefix = this.newPrefix();
    this.index = 0;
  }
}
