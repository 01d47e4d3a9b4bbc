import { BoundedCache } from '#libs/bounded-cache';
import { type ClientEvent, type ClientRegistration, type Timestamp, assertNever } from '#libs/domain';
import { type ReadModelDatabase, change, findRow, findRows } from '../engine/database.js';
import { perDatabase } from '../engine/per-database.js';
import { type Projection } from '../engine/projection.js';
import { clientJson, clientExtensionJson } from '#libs/oauth2';

/** `incarnation`: revision of the `ClientCreated` it lives by. `revision`: of the last change to the registration or the secret. */
export type ClientView = {
  readonly clientId: string;
  readonly incarnation: number;
  readonly revision: number;
  readonly secretHash: string;
  /** The `OAuth2Client` answer of rc.8, without a secret. */
  readonly json: string;
  /** The members that later generations answer as well; the JSON text of an object. */
  readonly extension: string;
  readonly registration: ClientRegistration;
};

type ClientRow = Omit<ClientView, 'registration'> & { readonly registration: string };

export const clientsProjection: Projection<ClientEvent> = {
  name: 'clients',
  version: 4,
  handles: ['ClientCreated', 'ClientUpdated', 'ClientSecretRotated', 'ClientSecretRehashed', 'ClientDeleted'],
  schema: `
    CREATE TABLE clients_v4 (
      clientId TEXT PRIMARY KEY, incarnation INTEGER NOT NULL, revision INTEGER NOT NULL, secretHash TEXT NOT NULL,
      createdAt TEXT NOT NULL, registration TEXT NOT NULL, json TEXT NOT NULL, extension TEXT NOT NULL) STRICT;
    CREATE INDEX clients_v4_by_incarnation ON clients_v4 (clientId, incarnation);`,
  queryIndexes: `
    CREATE INDEX clients_v4_by_name ON clients_v4 (json_extract(registration, '$.client_name'), clientId);
    CREATE INDEX clients_v4_by_owner ON clients_v4 (json_extract(registration, '$.owner'), clientId);`,
  dead: [],
  apply(db, { event, revision }) {
    recentClients(db).delete(event.data.clientId);
    switch (event.type) {
      case 'ClientCreated': {
        const { clientId, registration, secretHash, createdAt } = event.data;
        const json = clientJson(clientId, { registration, createdAt, updatedAt: createdAt });
        const texts = [JSON.stringify(registration), json, clientExtensionJson(registration)];
        const sql = 'INSERT OR REPLACE INTO clients_v4 VALUES (?, ?, ?, ?, ?, ?, ?, ?)';
        change(db, sql, clientId, revision, revision, secretHash, createdAt, ...texts);
        return;
      }
      case 'ClientUpdated':
        updateRegistration(db, event.data, revision);
        return;
      case 'ClientSecretRotated': {
        const { clientId, secretHash } = event.data;
        change(
          db,
          'UPDATE clients_v4 SET secretHash = ?, revision = ? WHERE clientId = ?',
          secretHash,
          revision,
          clientId,
        );
        return;
      }
      case 'ClientSecretRehashed':
        change(
          db,
          'UPDATE clients_v4 SET secretHash = ? WHERE clientId = ?',
          event.data.secretHash,
          event.data.clientId,
        );
        return;
      case 'ClientDeleted':
        change(db, 'DELETE FROM clients_v4 WHERE clientId = ?', event.data.clientId);
        return;
      default:
        assertNever(event);
    }
  },
};

function updateRegistration(
  db: ReadModelDatabase,
  data: { clientId: string; registration: ClientRegistration; updatedAt: Timestamp },
  revision: number,
): void {
  const { clientId, registration, updatedAt } = data;
  const row = findRow<{ createdAt: Timestamp }>(db, 'SELECT createdAt FROM clients_v4 WHERE clientId = ?', clientId);
  if (row === undefined) return;
  const json = clientJson(clientId, { registration, createdAt: row.createdAt, updatedAt });
  const texts = [JSON.stringify(registration), json, clientExtensionJson(registration)];
  const sql = 'UPDATE clients_v4 SET registration = ?, json = ?, extension = ?, revision = ? WHERE clientId = ?';
  change(db, sql, ...texts, revision, clientId);
}

/** The registered client with this id. */
export function findClient(db: ReadModelDatabase, clientId: string): ClientView | undefined {
  const recent = recentClients(db);
  const known = recent.get(clientId);
  if (known !== undefined) return known;
  const sql = `SELECT clientId, incarnation, revision, secretHash, json, extension, registration
    FROM clients_v4 WHERE clientId = ?`;
  const row = findRow<ClientRow>(db, sql, clientId);
  if (row === undefined) return undefined;
  const view = { ...row, registration: JSON.parse(row.registration) as ClientRegistration };
  if (view.json.length + view.extension.length > maxRecentLength) return view;
  recent.set(clientId, view);
  return view;
}

/** A page of answers, by client id ascending. */
export function listClientJson(db: ReadModelDatabase, { limit, offset }: { limit: number; offset: number }): string[] {
  const sql = 'SELECT json FROM clients_v4 ORDER BY clientId LIMIT ? OFFSET ?';
  return findRows<{ json: string }>(db, sql, limit, offset).map(({ json }) => json);
}

const maxRecent = 5_000;
const maxRecentLength = 16_384;
const bound = {
  maxBytes: 32 * 1_048_576,
  bytesOf: ({ json, extension }: ClientView): number => json.length + extension.length,
};

/** Clients looked up lately. Only this projection writes the table, and it forgets a client before it changes it. */
const recentClients = perDatabase(() => new BoundedCache<string, ClientView>(maxRecent, bound));
