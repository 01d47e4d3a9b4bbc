import { type ReadModel, listClientPage } from '#libs/read-model';
import { type FastifyReply } from 'fastify';
import { link, pageSizeOf, pageToken, pageTokenOf } from './pages.js';
import { queryValue } from '../../http/query-value.js';

/**
 * The list of clients below `/admin`: by client id, `page_size` of them after the one that `page_token` stands for, filtered by
 * `client_name` and `owner`; `Link` names the first page and the next (admin-api.md 4.2).
 *
 * @throws OAuthError `invalid_request` for a size or token that is none
 */
export function clientPage(
  { db }: ReadModel,
  { url, query }: { url: string; query: Record<string, string | string[]> },
  reply: FastifyReply,
): string {
  const size = pageSizeOf(query);
  const filter = { clientName: queryValue(query, 'client_name'), owner: queryValue(query, 'owner') };
  const found = listClientPage(db, { ...filter, after: pageTokenOf(query, /^[^]+$/), limit: size + 1 });
  const shown = found.slice(0, size);
  const [last] = shown.slice(-1);
  const links = [link(url, { page_size: String(size), page_token: '' }, 'first')];
  if (last !== undefined && found.length > size) {
    links.push(link(url, { page_size: String(size), page_token: pageToken(last.clientId) }, 'next'));
  }
  void reply.header('link', links.join(','));
  return `[${shown.map(({ json }) => json).join(',')}]`;
}
