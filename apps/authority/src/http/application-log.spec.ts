import { describe, expect, it } from '@jest/globals';
import { ApplicationLog } from './application-log.js';

function textOf(details: object, message = 'message'): string {
  let written = '';
  ApplicationLog.create({ level: 'info', format: 'text' }, (line) => (written += line)).logger.info(details, message);
  return written.replace(/^\S+ /, '');
}

describe('a line of the log as text', () => {
  it('has plain values as they are, and other things as JSON', () => {
    const details = { route: '/clients/:id', ms: 1.5, subject: 'bücher', many: ['a', 'b'] };
    expect(textOf(details)).toBe('info: message route=/clients/:id ms=1.5 subject=bücher many=["a","b"]\n');
  });

  it.each([
    ['a blank', 'a b', '"a b"'],
    ['an equals sign', 'a=b', '"a=b"'],
    ['nothing', '', '""'],
    ['quotes', `"a"`, String.raw`"\"a\""`],
    ['a backslash', String.raw`a\n`, String.raw`"a\\n"`],
    [
      'what looks like a line of its own',
      'x\n2026-01-01T00:00:00.000Z error: y',
      String.raw`"x\n2026-01-01T00:00:00.000Z error: y"`,
    ],
    ['an escape sequence', '\u001b[2J', String.raw`"\u001b[2J"`],
    ['another control character', 'a\u0085b\u009b', String.raw`"a\u0085b\u009b"`],
    ['a line separator', 'a\u2028b', String.raw`"a\u2028b"`],
    ['text that is read backwards', 'a\u202eb', String.raw`"a\u202eb"`],
    ['a tag that is not seen', 'a\u{e0041}b', String.raw`"a\udb40\udc41b"`],
  ])('quotes a value with %s', (_what, value, quoted) => {
    expect(textOf({ requestId: value })).toBe(`info: message requestId=${quoted}\n`);
  });

  it('has a level by its name, as JSON has', () => {
    let written = '';
    const { logger } = ApplicationLog.create({ level: 'info', format: 'json' }, (line) => (written = line));
    logger.warn('message');
    expect(JSON.parse(written)).toMatchObject({ level: 'warn', msg: 'message' });
  });

  it('is one line, whatever the message', () => {
    expect(textOf({}, 'one\ntwo\u001b')).toBe(String.raw`info: one\u000atwo\u001b` + '\n');
  });
});
