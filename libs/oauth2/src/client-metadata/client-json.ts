import { type ClientRegistration, type Timestamp } from '#libs/domain';
import { goJson } from '../go-json.js';
import { clientMemberList } from './client-members.js';

/**
 * An `OAuth2Client` as the Admin API answers it (admin-api.md 3.1), member for member in its order, without what later generations
 * of that API have besides.
 *
 * @param createdAt, updatedAt are shown in seconds, rounded to the nearest one
 * @param options.secret the secret in clear, for the one answer that shows it
 * @param options.nullArrays list members the request left out: echoed as `null`, read as `[]` (admin-api.md 1.4)
 */
export function clientJson(
  clientId: string,
  registration: ClientRegistration,
  createdAt: Timestamp,
  updatedAt: Timestamp,
  options: { readonly secret?: string | undefined; readonly nullArrays?: readonly string[] } = {},
): string {
  const created = wholeSeconds(createdAt);
  const answer: Record<string, unknown> = {
    ...inOrder,
    ...registration,
    client_id: clientId,
    client_secret: options.secret,
    client_secret_expires_at: 0,
    created_at: created,
    updated_at: updatedAt === createdAt ? created : wholeSeconds(updatedAt),
  };
  for (const member of sometimes) if (isEmpty(answer[member])) answer[member] = undefined;
  for (const member of extensions) answer[member] = undefined;
  for (const member of options.nullArrays ?? []) if (answer[member] !== undefined) answer[member] = null;
  return goJson(answer);
}

const answered = clientMemberList.filter((member) => member.answered !== 'never');
const inOrder = Object.fromEntries(answered.map(({ name }) => [name, undefined]));
const sometimes = answered.filter((member) => member.answered !== 'always').map(({ name }) => name);
const extensions = answered.filter(({ extension }) => extension === true).map(({ name }) => name);

/** The `metadata` of a client as it is answered: `{}` where nothing was ever kept. */
export function clientMetadataJson({ metadata = {} }: ClientRegistration): string {
  return goJson(metadata);
}

/** An `OAuth2Client` as later generations answer it: that of rc.8, and `metadata` (admin-api.md 4.2). */
export function laterClientJson(json: string, metadata: string): string {
  return `${json.slice(0, -1)},"metadata":${metadata}}`;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

function wholeSeconds(at: Timestamp): string {
  if (at.at(-'500Z'.length)! < '5') return `${at.slice(0, -'.000Z'.length)}Z`;
  return wholeSeconds(new Date(Date.parse(at) + 500).toISOString());
}
