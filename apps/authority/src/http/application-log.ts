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
    const lines = format === 'json' ? destination : textLines(destination);
    return new ApplicationLog(pino({ level, base: null, timestamp, formatters: { level: named } }, lines));
  }
}

/** Levels by their names: numbers say something to those alone who know pino. */
function named(level: string): { level: string } {
  return { level };
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

/** What would end a value, or look like another one, or like another line. */
const quotable = /[\s="'\\\p{C}]/u;

/** Text format is made of the JSON lines, so that both say the same; what a stranger chose makes neither fields nor lines. */
function textLines(destination: { write(line: string): unknown }): { write(line: string): void } {
  return {
    write(line) {
      const { level, time, msg = '', ...rest } = JSON.parse(line) as { level: string; time: string; msg?: string };
      const details = Object.entries(rest).map(([name, value]) => ` ${name}=${plain(value)}`);
      destination.write(`${time} ${level}: ${escaped(msg)}${details.join('')}\n`);
    },
  };
}

function plain(value: unknown): string {
  if (typeof value === 'string' && value !== '' && !quotable.test(value)) return value;
  return escaped(JSON.stringify(value));
}

/** Without characters that move the cursor or hide, those that JSON leaves included. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
