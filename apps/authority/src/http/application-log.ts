import { type Logger, pino } from 'pino';

/** The process's log: one JSON line an entry, or `level: message key=value` as text. Never holds URLs, secrets or subjects. */
export class ApplicationLog {
  constructor(readonly logger: Logger) {}

  static create(
    { level, format }: { level: string; format: 'text' | 'json' },
    write?: (line: string) => void,
  ): ApplicationLog {
    const destination = write === undefined ? pino.destination({ fd: 1, sync: false }) : { write };
    if (format === 'json')
      return new ApplicationLog(pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination));
    return new ApplicationLog(
      pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, textLines(destination)),
    );
  }
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
