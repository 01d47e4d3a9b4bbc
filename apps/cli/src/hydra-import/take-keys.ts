import { type Connection, segment } from '../connection.js';

type Key = { readonly kid?: string; readonly kty?: string; readonly d?: string; readonly alg?: string };
export type KeySetJson = { readonly set: string; readonly keys: readonly Key[] };

/** What became of the keys of a set, or would. */
export type TakenKeys = { readonly created: readonly Key[]; readonly unchanged: number };

/**
 * Adds the keys of a set that are not there yet, by their kid. When none of them is there, they go in front: the set signs with its
 * first key that can, so tokens are signed as Hydra signs them, and clients know the key. Later ones go behind, so that a key that was
 * made here since goes on signing.
 *
 * @throws RefusedByAuthority for keys that cannot be used, or when the set was changed meanwhile
 */
export async function takeKeys(connection: Connection, { set, keys }: KeySetJson, dryRun: boolean): Promise<TakenKeys> {
  const path = `/keys/${segment(set)}`;
  const { status, json, headers } = await connection.send({ method: 'GET', path, expect: [200, 404] });
  const present = status === 200 ? ((json as { keys: Key[] | null }).keys ?? []) : [];
  const known = new Set(present.map(({ kid }) => kid));
  const created = keys.filter(({ kid }) => !known.has(kid));
  const unchanged = keys.length - created.length;
  if (created.length === 0 || dryRun) return { created, unchanged };
  const etag = headers.get('etag');
  await connection.send({
    ...{ method: 'PUT', path, expect: [200] },
    json: { keys: unchanged === 0 ? [...created, ...present] : [...present, ...created] },
    headers: status === 200 && etag !== null ? { 'if-match': etag } : {},
  });
  return { created, unchanged };
}

/** Whether a key of the set that signs ID tokens cannot do so here: RS256 is what signs. */
export function signsNothing(set: string, { kty, d, alg }: Key): boolean {
  if (set !== 'hydra.openid.id-token' || d === undefined) return false;
  return kty !== 'RSA' || !['RS256', '', undefined].includes(alg);
}
