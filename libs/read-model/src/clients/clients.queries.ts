import { type ReadModelDatabase, findRows } from '../database.js';
import { laterClientJson } from './client-json.js';

/**
 * A page of clients as later generations answer them, by client id: those after `after`, that have this name and owner where one is given.
 * Pages stay stable while clients come and go.
 */
export function listClientPage(
  db: ReadModelDatabase,
  page: { after: string | undefined; limit: number; clientName: string | undefined; owner: string | undefined },
): { clientId: string; json: string }[] {
  const sql = `SELECT clientId, json, metadata FROM clients_v2 WHERE clientId > ?1
    AND (?2 IS NULL OR json_extract(registration, '$.client_name') = ?2)
    AND (?3 IS NULL OR json_extract(registration, '$.owner') = ?3) ORDER BY clientId LIMIT ?4`;
  type Row = { clientId: string; json: string; metadata: string };
  return findRows<Row>(db, sql, page.after ?? '', page.clientName ?? null, page.owner ?? null, page.limit).map(
    ({ clientId, json, metadata }) => ({ clientId, json: laterClientJson(json, metadata) }),
  );
}
