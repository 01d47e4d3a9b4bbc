import { type StreamingRead } from '@eventstore/db-client';
import { NoAnswerError } from './client-errors.js';
import { type ServerEvent } from './stored-form.js';

/** A read of the library that was just begun. */
export type ServerRead = Pick<StreamingRead<ServerEvent>, 'on' | 'cancel' | 'destroy'>;

/**
 * Reads to the end, which a read must be: one that is broken off leaves a call behind that never settles. The library knows no
 * deadline for reads, so this one ends when nothing has come for a while, and when its connection is given up.
 *
 * @param options.take is called for each event, in order; what it throws ends the read
 * @throws NoAnswerError, or what the library reports
 */
export function readToEnd(
  read: ServerRead,
  options: { silenceMs: number; cutOff: AbortSignal; take: (event: ServerEvent) => void },
): Promise<void> {
  const { silenceMs, cutOff, take } = options;
  return new Promise((resolve, reject) => {
    const stop = (error: Error) => {
      settle(() => reject(error));
      read.cancel().catch(() => undefined);
      read.destroy();
    };
    const onCutOff = () => stop(new NoAnswerError('the connection was given up'));
    const timer = setTimeout(() => stop(new NoAnswerError(`no answer within ${silenceMs} ms`)), silenceMs);
    const settle = (how: () => void) => {
      clearTimeout(timer);
      cutOff.removeEventListener('abort', onCutOff);
      how();
    };
    cutOff.addEventListener('abort', onCutOff);
    read.on('error', (error) => settle(() => reject(error)));
    read.on('end', () => settle(resolve));
    read.on('data', (event) => {
      timer.refresh();
      try {
        take(event);
      } catch (error) {
        stop(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}
