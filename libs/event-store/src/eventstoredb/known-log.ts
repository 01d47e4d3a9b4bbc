import { BACKWARDS, END } from '@eventstore/db-client';
import { UnavailableError } from '../errors.js';
import { type Position } from '../port.js';
import { type Connection } from './connection.js';
import { type ConnectionString } from './connection-string.js';
import { type Line } from './line.js';
import { RepeatedNotice, type Notice } from './notice.js';
import { toPosition } from './stored-form.js';
import { readToEnd } from './timed-read.js';

/** The node that answered does not have what this instance has had from the log before: a leader that was, or another store. */
export class BehindError extends UnavailableError {}

/**
 * The highest position of which this instance has had an event or an acknowledgement. Nothing is answered from a node that does not have
 * it. What a node only names as its head does not count: one that leads no more may name what nobody will ever see.
 */
export class KnownLog {
  private highest: Position | undefined;
  private readonly questions = new WeakMap<Line, Promise<unknown>>();
  private readonly behind: RepeatedNotice;

  constructor(private readonly options: { to: ConnectionString; silenceMs: number; notice: Notice }) {
    this.behind = new RepeatedNotice(options.notice, 'error');
  }

  /** @param line what it came over, which is as far as that then */
  raise(position: Position | undefined, line?: Line): void {
    if (position === undefined) return;
    if (this.highest === undefined || this.highest < position) this.highest = position;
    line?.show(position);
  }

  /**
   * Asks a node for its head.
   *
   * @throws BehindError when that is below what was known before the question; what the library reports, or NoAnswerError
   */
  async head({ client, line, retired }: Connection): Promise<Position | undefined> {
    const known = this.highest;
    let head: Position | undefined;
    const { to, silenceMs } = this.options;
    await readToEnd(client.readAll({ ...fromTheEnd, credentials: to.credentials }), {
      silenceMs,
      cutOff: retired,
      take: ({ event, commitPosition }) => (head = toPosition(event?.position?.commit ?? commitPosition)),
    });
    if (known !== undefined && (head === undefined || head < known)) throw this.isBehind(head, known);
    line.show(head);
    return head;
  }

  /**
   * Makes sure that what is asked next over the line that is returned is answered by a node that has all that is known now, unless the line
   * is lost meanwhile. The questions this takes are shared.
   *
   * @throws as `head`
   */
  async provenLine(on: Connection): Promise<Line> {
    const { line } = on;
    const known = this.highest;
    if (!isShort(line, known)) return line;
    await this.questions.get(line)?.catch(() => undefined); // asked before this caller came: it may do
    while (isShort(line, known) && !line.lost.aborted) await this.ask(on, line);
    return line;
  }

  /** Of a node that has answered once over the same line the same is not asked again: what it acknowledges can only be more. */
  async provenOnce(on: Connection): Promise<Line> {
    return on.line.shown === undefined ? this.provenLine(on) : on.line;
  }

  private ask(on: Connection, line: Line): Promise<unknown> {
    const running = this.questions.get(line);
    if (running !== undefined) return running;
    const question = this.head(on).finally(() => this.questions.delete(line));
    this.questions.set(line, question);
    return question;
  }

  private isBehind(head: Position | undefined, known: Position): BehindError {
    const problem = `a node of the event store ends at position ${head ?? 'none'}, this instance has seen ${known}`;
    this.behind.tell(`${problem}: nothing is answered from it, another connection is tried until one knows more`);
    return new BehindError(problem);
  }
}

const fromTheEnd = { direction: BACKWARDS, fromPosition: END, maxCount: 1, requiresLeader: true } as const;

function isShort({ shown }: Line, known: Position | undefined): boolean {
  return known !== undefined && (shown === undefined || shown < known);
}
