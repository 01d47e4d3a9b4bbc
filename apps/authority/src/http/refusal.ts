import { AdminError } from './errors/admin-error.js';
import { type ProtocolError } from './errors/to-protocol-error.js';
import { oauthErrors } from '#libs/oauth2';

/** Why a request was not done, for the log: more than the caller is told, and none of the secrets that came with it. */
export type Refusal = {
  /** The error's code. */
  readonly error: string;
  readonly detail?: string;
  /** What kept the server from answering, of those that are not the caller's doing. */
  readonly cause?: string;
};

const maxLength = 500;

/**
 * What the log says of an error. Hints and debug texts never have a secret in them; what a login or consent app made up may have
 * anything, so it is left out.
 *
 * @param thrown what the error was made of
 * @param detail what the caller is not told
 */
export function refusalOf(error: ProtocolError, thrown: unknown, detail: string | undefined): Refusal {
  const cause = error.status === 503 ? { cause: bounded(reasons(thrown)) } : {};
  const said = [detail, ...wordsOf(error)].filter((part) => part !== undefined && part !== '').join('; ');
  return { error: codeOf(error), ...(said === '' ? {} : { detail: bounded(said) }), ...cause };
}

function codeOf(error: ProtocolError): string {
  if (error instanceof AdminError) return error.error;
  return Object.hasOwn(oauthErrors, error.code) ? error.code : 'rejected';
}

function wordsOf(error: ProtocolError): (string | undefined)[] {
  if (error instanceof AdminError) return error.status === 503 ? [] : [error.description, error.debug];
  return error.saidByApp ? ['a login or consent app rejected it'] : [error.hint, error.debug];
}

/** An error's message with those of what caused it. */
function reasons(error: unknown): string {
  const messages: string[] = [];
  for (let at = error; at instanceof Error && messages.length < 4; at = at.cause) {
    if (!messages.some((message) => message.includes(at.message))) messages.push(at.message);
  }
  return messages.join(': ');
}

function bounded(text: string): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
