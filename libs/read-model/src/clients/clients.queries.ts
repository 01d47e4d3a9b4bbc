import { type ReadModelDatabase, findRows } from '../engine/database.js';
import { extendedClientJson } from '#libs/oauth2';

/**
 * A page of clients as later generations answer them, by client id: those after `after`, that have this name and owner where one is given.
 * Pages stay stable while clients come and go.
 */
export function listClientPage(
  db: ReadModelDatabase,
  page: { after: string | undefined; limit: number; clientName: string | undefined; owner: string | undefined },
): { clientId: string; json: string }[] {
  const filters = [
    { column: '$.client_name', value: page.clientName },
    { column: '$.owner', value: page.owner },
  ].flatMap(({ column, value }) => (value === undefined ? [] : [{ column, value }]));
  const sql = `SELECT clientId, json, extension FROM clients_v4 WHERE clientId > ?
    ${filters.map(({ column }) => `AND json_extract(registration, '${column}') = ?`).join(' ')} ORDER BY clientId LIMIT ?`;
  type Row = { clientId: string; json: string; extension: string };
  const values = filters.map(({ value }) => value);
  return findRows<Row>(db, sql, page.after ?? '', ...values, page.limit).map(({ clientId, json, extension }) => ({
    clientId,
    json: extendedClientJson(json, extension),
  }));
}
