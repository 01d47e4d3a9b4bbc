import { type Logger, pino } from 'pino';

/** Lines are written together, 8 KiB or what came in 50 ms: a write for every line is dear. */
const together = { minLength: 8 * 1024, periodicFlush: 50 };

/** The process's log: one JSON line an entry, or `level: message key=value` as text. Never holds URLs, secrets or subjects. */
export class ApplicationLog {
  constructor(readonly logger: Logger) {}

  static create(
    { level, format }: { level: string; format: 'text' | 'json' },
    write?: (line: string) => void,
  ): ApplicationLog {
    const destination = write === undefined ? pino.destination({ fd: 1, sync: false, ...together }) : { write };
    if (format === 'json') return new ApplicationLog(pino({ level, base: null, timestamp }, destination));
    return new ApplicationLog(pino({ level, base: null, timestamp }, textLines(destination)));
  }
}

let lastMs = NaN;
let lastTimestamp = '';

/** The time member of a line; many lines are written in the same millisecond. */
function timestamp(): string {
  const nowMs = Date.now();
  if (nowMs !== lastMs) {
    lastMs = nowMs;
    lastTimestamp = `,"time":"${new Date(nowMs).toISOString()}"`;
  }
  return lastTimestamp;
}

/** Text format is made of the JSON lines, so that both say the same. */
function textLines(destination: { write(line: string): unknown }): { write(line: string): void } {
  return {
    write(line) {
      const { level, time, msg = '', ...rest } = JSON.parse(line) as { level: number; time: string; msg?: string };
      const details = Object.entries(rest).map(
        ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
      );
      destination.write(`${time} ${pino.levels.labels[level] ?? level}: ${msg}${details.join('')}\n`);
    },
  };
}
