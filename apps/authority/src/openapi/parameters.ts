import { type Operation } from './operation.js';
import { type Schema, integer, text } from './schema.js';

type Parameter = { readonly description: string; readonly schema: Schema; readonly required?: true };

const challenge = { description: 'The challenge; this or `challenge` is needed', schema: text };

const queryParameters: Readonly<Record<string, Parameter & { readonly deprecated?: true }>> = {
  limit: { description: 'How many, at most', schema: { type: 'integer', minimum: 0, maximum: 500, default: 100 } },
  offset: { description: 'How many to leave out', schema: { type: 'integer', minimum: 0, default: 0 } },
  page_size: {
    description: 'How many, at most; more than 500 counts as 500',
    schema: { type: 'integer', minimum: 1, default: 100 },
  },
  page_token: { description: 'Where the page begins, as a Link names it. Not to be made up.', schema: text },
  client_name: { description: 'Only clients with exactly this name', schema: text },
  owner: { description: 'Only clients with exactly this owner', schema: text },
  login_challenge: challenge,
  consent_challenge: challenge,
  challenge: { description: 'An older name of the challenge', schema: text, deprecated: true },
  subject: { description: 'Whose they are', schema: { ...text, minLength: 1 }, required: true },
  client: { description: 'At which client; this or all=true is needed', schema: text },
  sid: { description: 'Of the one login session with this id; then no subject is needed', schema: text },
  login_session_id: { description: 'Only those given in this login session', schema: text },
  all: { description: 'At all clients', schema: { type: 'boolean' } },
  dry_run: {
    description: 'Only say what would become of it; nothing is recorded',
    schema: { type: 'boolean', default: false },
  },
};

const ifMatch: Parameter & { readonly name: string } = {
  name: 'If-Match',
  description: 'The change is made only to what has one of these ETags, or with * to what is there. Otherwise 412.',
  schema: text,
};
const minPosition: Parameter & { readonly name: string } = {
  name: 'Hydrant-Min-Position',
  description:
    'A Hydrant-Position of an earlier answer: what was recorded up to there is taken into account. 503 when that takes longer than five seconds.',
  schema: { ...integer, minimum: 0 },
};

const idempotencyKey: Parameter & { readonly name: string } = {
  name: 'Idempotency-Key',
  description:
    'Names the request: sent again with the same key and body, it changes nothing and gets the answer of the first time.',
  schema: { ...text, minLength: 1, maxLength: 255 },
};

/** Headers of answers: what they mean, and whether they are always there. */
export const headers: Readonly<Record<string, Parameter>> = {
  Location: { description: 'Where it is now', schema: text, required: true },
  ETag: { description: 'The revision, for If-Match', schema: text, required: true },
  Link: {
    description: 'Other pages: `first` and `next`, at v1.11 also `prev` and `last` (RFC 8288)',
    schema: text,
    required: true,
  },
  'X-Total-Count': { description: 'How many there are on all pages', schema: integer, required: true },
  'Cache-Control': { description: 'Not to be kept', schema: text, required: true },
  'Hydrant-Position': {
    description: 'Where the log has what was recorded; absent when nothing had to be. For Hydrant-Min-Position.',
    schema: integer,
  },
  'WWW-Authenticate': { description: 'What the caller has to show (RFC 6750 3)', schema: text },
  'Retry-After': { description: 'Seconds to wait', schema: integer, required: true },
};

/** The path with parameters in braces, `/clients/{id}`. */
export function documentedPath({ path }: Pick<Operation, 'path'>): string {
  return path.replace(/:(\w+)/g, '{$1}');
}

/** What an operation is asked with besides its body. */
export function parametersOf({ path, catchesUp, query = [], conditional, repeatable }: Operation): object[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
  }));
  const inHeader = [
    ...(conditional === true ? [ifMatch] : []),
    ...(repeatable === true ? [idempotencyKey] : []),
    ...(catchesUp === 'not' ? [] : [minPosition]),
  ];
  return [
    ...inPath,
    ...query.map((name) => ({ name, in: 'query', ...queryParameters[name], ...relaxed(name, query) })),
    ...inHeader.map((parameter) => ({ ...parameter, in: 'header' })),
  ];
}

/** Where a session can be named instead, the subject need not be. */
function relaxed(name: string, query: readonly string[]): object {
  return name === 'subject' && query.includes('sid') ? { required: false } : {};
}
