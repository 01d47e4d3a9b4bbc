import { oauthError, pagination } from '#libs/oauth2';
import { type FastifyReply } from 'fastify';
import { type Generation } from './generation.js';
import { queryValue } from '../../http/query-value.js';

const defaultSize = 100;
const greatestSize = 500;

/** Which rows are asked for. */
export type Page = { readonly limit: number; readonly offset: number };

/**
 * The page a list request asks for: `limit` and `offset`, below `/admin` `page_size` and an opaque `page_token` (admin-api.md 4.2).
 *
 * @throws OAuthError `invalid_request` when the token is none of ours, or the size no positive number
 */
export function pageOf(query: Record<string, string | string[]>, generation: Generation): Page {
  if (generation !== 'v26.2') return pagination(query);
  return { limit: pageSizeOf(query), offset: Number(pageTokenOf(query, /^\d{1,15}$/) ?? 0) };
}

/** `page_size`: 100 unless given, at most 500. */
export function pageSizeOf(query: Record<string, string | string[]>): number {
  const size = queryValue(query, 'page_size');
  if (size === undefined) return defaultSize;
  if (!/^\d+$/.test(size) || Number(size) === 0) {
    throw oauthError('invalid_request', 'page_size must be a number from 1 on.');
  }
  return Math.min(Number(size), greatestSize);
}

/** What a `page_token` stands for; undefined for the first page. */
export function pageTokenOf(query: Record<string, string | string[]>, form: RegExp): string | undefined {
  const token = queryValue(query, 'page_token');
  if (token === undefined) return undefined;
  const place = Buffer.from(token, 'base64url').toString('utf8');
  if (pageToken(place) !== token || !form.test(place)) {
    throw oauthError('invalid_request', 'page_token is not one of this list.');
  }
  return place;
}

/** The `page_token` of a place in a list. */
export function pageToken(place: string): string {
  return Buffer.from(place).toString('base64url');
}

/** Sets `Link` and, for v1.11, `X-Total-Count` (RFC 8288; admin-api.md 4.2). */
export function linkPages(
  reply: FastifyReply,
  { url, page, total, generation }: { url: string; page: Page; total: number; generation: Generation },
): void {
  const { limit, offset } = page;
  const last = limit === 0 ? 0 : Math.floor(Math.max(total - 1, 0) / limit) * limit;
  const places: [rel: string, offset: number][] = [['first', 0]];
  if (offset + limit < total && limit > 0) places.push(['next', offset + limit]);
  if (offset > 0 && generation === 'v1.11') places.push(['prev', Math.max(offset - limit, 0)]);
  if (generation === 'v1.11') places.push(['last', last]);
  const parametersOf = (place: number): Record<string, string> =>
    generation === 'v26.2'
      ? { page_size: String(limit), page_token: pageToken(String(place)) }
      : { limit: String(limit), offset: String(place) };
  void reply.header('link', places.map(([rel, place]) => link(url, parametersOf(place), rel)).join(','));
  if (generation === 'v1.11') void reply.header('x-total-count', String(total));
}

/** One link of a `Link` header: the URL of this request with other parameters. */
export function link(url: string, parameters: Readonly<Record<string, string>>, rel: string): string {
  const mark = url.indexOf('?');
  const [path, sent] = mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
  const query = new URLSearchParams(sent);
  for (const [name, value] of Object.entries(parameters)) query.set(name, value);
  return `<${path}?${query.toString()}>; rel="${rel}"`;
}
