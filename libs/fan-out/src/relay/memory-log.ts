import { FencedError, type LogPublisher, type LogRecord, type RelayPosition } from './port.js';

/** What happens to a call: `lost` is done and `dropped` is not, and the caller hears of neither. */
export type Fault = 'none' | 'refused' | 'lost' | 'dropped';

/** Topics in memory, for unit tests: committed records in order, and publishers that shut each other out. */
export class MemoryLog {
  readonly records: LogRecord[] = [];
  readonly positions: RelayPosition[] = [];
  opened = 0;
  /** Asked before each call. */
  fault: (call: 'open' | 'publish') => Fault = () => 'none';

  publisher(): LogPublisher {
    let epoch: number | undefined;
    return {
      open: async () => {
        let won: number | undefined;
        epoch = undefined;
        await this.act('open', () => (won = this.opened += 1));
        epoch = won;
        return this.positions.at(-1);
      },
      publish: async (records, position) => {
        if (epoch === undefined) throw new Error('the publisher is not open');
        const mine = epoch;
        epoch = undefined;
        await this.act('publish', () => {
          if (mine !== this.opened) throw new FencedError('another relay publishes this log');
          this.records.push(...records);
          this.positions.push(position);
        });
        epoch = mine;
      },
      close: async () => undefined,
    };
  }

  private async act(call: 'open' | 'publish', act: () => void): Promise<void> {
    const fault = this.fault(call);
    await new Promise((resolve) => setImmediate(resolve));
    if (fault === 'refused') throw new Error('refused');
    if (fault !== 'dropped') act();
    if (fault !== 'none') throw new Error('no answer came');
  }
}
