import { oauthError } from '#libs/oauth2';
import { type FastifyReply } from 'fastify';
import { queryValue } from '../../http/query-value.js';

const defaultSize = 100;
const greatestSize = 500;

export type Query = Record<string, string | string[]>;

/** Which rows are asked for. */
export type Page = { readonly limit: number; readonly offset: number };

/** A page that is answered: the URL it was asked for with, and how many rows there are on all pages. */
export type ListedPage = { readonly url: string; readonly page: Page; readonly total: number };

/**
 * The page that `page_size` and an opaque `page_token` ask for (admin-api.md 4.2).
 *
 * @throws OAuthError `invalid_request` when the token is none of ours, or the size no positive number
 */
export function pageByToken(query: Query): Page {
  return { limit: pageSizeOf(query), offset: Number(pageTokenOf(query, /^\d{1,15}$/) ?? 0) };
}

/** `page_size`: 100 unless given, at most 500. */
export function pageSizeOf(query: Query): number {
  const size = queryValue(query, 'page_size');
  if (size === undefined) return defaultSize;
  if (!/^\d+$/.test(size) || Number(size) === 0) {
    throw oauthError('invalid_request', 'page_size must be a number from 1 on.');
  }
  return Math.min(Number(size), greatestSize);
}

/** What a `page_token` stands for; undefined for the first page. */
export function pageTokenOf(query: Query, form: RegExp): string | undefined {
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

/** Sets `Link` with `limit` and `offset` (RFC 8288), and `X-Total-Count`. */
export function linkByOffset(reply: FastifyReply, { url, page, total }: ListedPage): void {
  const { limit, offset } = page;
  const last = limit === 0 ? 0 : Math.floor(Math.max(total - 1, 0) / limit) * limit;
  const places: [rel: string, offset: number][] = [['first', 0]];
  if (hasNext({ page, total })) places.push(['next', offset + limit]);
  if (offset > 0) places.push(['prev', Math.max(offset - limit, 0)]);
  places.push(['last', last]);
  const links = places.map(([rel, place]) => link(url, { limit: String(limit), offset: String(place) }, rel));
  void reply.header('link', links.join(',')).header('x-total-count', String(total));
}

/** Sets `Link` with `page_size` and `page_token`, to the first page and the next. */
export function linkByToken(reply: FastifyReply, { url, page, total }: ListedPage): void {
  const { limit, offset } = page;
  const places: [rel: string, offset: number][] = [['first', 0]];
  if (hasNext({ page, total })) places.push(['next', offset + limit]);
  const links = places.map(([rel, place]) => {
    return link(url, { page_size: String(limit), page_token: pageToken(String(place)) }, rel);
  });
  void reply.header('link', links.join(','));
}

function hasNext({ page: { limit, offset }, total }: Pick<ListedPage, 'page' | 'total'>): boolean {
  return limit > 0 && offset + limit < total;
}

/** One link of a `Link` header: the URL of this request with other parameters. */
export function link(url: string, parameters: Readonly<Record<string, string>>, rel: string): string {
  const mark = url.indexOf('?');
  const [path, sent] = mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
  const query = new URLSearchParams(sent);
  for (const [name, value] of Object.entries(parameters)) query.set(name, value);
  return `<${path}?${query.toString()}>; rel="${rel}"`;
}
