import { type OutgoingHttpHeaders } from 'node:http';
import { type JourneyStep } from './code-journey.js';
import { type Answer } from './http-exchange.js';

/** What the bare server answers: bytes that the authority answered before. */
export type CannedAnswer = {
  readonly status: number;
  readonly headers: Readonly<OutgoingHttpHeaders>;
  readonly body: string;
};

export type CannedAnswers = Readonly<
  Record<JourneyStep | 'client' | 'clientCreated' | 'introspection' | 'machineToken', CannedAnswer>
>;

/** Headers that the HTTP server itself writes. */
const ofTheConnection = new Set(['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding']);

/** An answer of the authority, to be given again. */
export function canned({ status, headers, body }: Answer): CannedAnswer {
  const kept = Object.entries(headers).filter(([name]) => !ofTheConnection.has(name));
  return { status, headers: Object.fromEntries(kept), body };
}
