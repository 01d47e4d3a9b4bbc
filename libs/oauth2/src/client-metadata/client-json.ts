import { type ClientRegistration, type Timestamp } from '#libs/domain';
import { goJson } from '../go-json.js';
import { clientMemberList, emptyOf } from './client-members.js';

/** What a client is rendered of. */
export type ClientDescription = {
  readonly registration: ClientRegistration;
  /** Shown in seconds, rounded to the nearest one. */
  readonly createdAt: Timestamp;
  readonly updatedAt: Timestamp;
  /** The secret in clear, for the one answer that shows it. */
  readonly secret?: string | undefined;
  /** List members the request left out: echoed as `null`, read as `[]` (admin-api.md 1.4). */
  readonly nullArrays?: readonly string[];
};

/**
 * An `OAuth2Client` as the Admin API answers it (admin-api.md 3.1), member for member in its order, without the members that later
 * generations of that API brought.
 */
export function clientJson(clientId: string, described: ClientDescription): string {
  const { registration, createdAt, updatedAt, secret, nullArrays = [] } = described;
  const created = wholeSeconds(createdAt);
  const answer: Record<string, unknown> = {
    ...inOrder,
    ...registration,
    client_id: clientId,
    client_secret: secret,
    client_secret_expires_at: 0,
    created_at: created,
    updated_at: updatedAt === createdAt ? created : wholeSeconds(updatedAt),
  };
  for (const member of sometimes) if (isEmpty(answer[member])) answer[member] = undefined;
  for (const { name } of extensions) answer[name] = undefined;
  for (const member of nullArrays) if (answer[member] !== undefined) answer[member] = null;
  return goJson(answer);
}

const answered = clientMemberList.filter((member) => member.answered !== 'never');
const inOrder = Object.fromEntries(answered.map(({ name }) => [name, undefined]));
const sometimes = answered.filter((member) => member.answered !== 'always').map(({ name }) => name);
const extensions = answered.filter(({ extension }) => extension === true);

/** The members that later generations answer besides, as an object; what is never empty is there also where nothing was ever kept. */
export function clientExtensionJson(registration: ClientRegistration): string {
  const kept: Readonly<Record<string, unknown>> = registration;
  const members = extensions.map((member): [string, unknown] => {
    const value = kept[member.name] ?? member.default ?? emptyOf(member.kind);
    return [member.name, member.answered !== 'always' && isEmpty(value) ? undefined : value];
  });
  return goJson(Object.fromEntries(members));
}

/** An `OAuth2Client` as later generations answer it (admin-api.md 4.2). @param extension of `clientExtensionJson` */
export function extendedClientJson(json: string, extension: string): string {
  return `${json.slice(0, -1)},${extension.slice(1)}`;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

function wholeSeconds(at: Timestamp): string {
  if (at.at(-'500Z'.length)! < '5') return `${at.slice(0, -'.000Z'.length)}Z`;
  return wholeSeconds(new Date(Date.parse(at) + 500).toISOString());
}
