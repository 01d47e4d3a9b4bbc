import { clientMemberList } from '#libs/oauth2';
import { type ClientJson, clientOfRow } from '../clients/client-file.js';
import { type Row } from './dump-rows.js';
import { jsonIn } from './row-values.js';

/** Columns that say where a row is kept, and of members the server makes anew. */
const unused = ['nid', 'pk_deprecated', 'registration_access_token_signature'];
const listColumns = clientMemberList.filter(({ kind }) => kind === 'strings').map(({ name }): string => name);

/**
 * A client as the import takes it, of its row in `hydra_client`: lists are joined by `|` up to v1.11, and JSON since.
 *
 * @throws Refusal for a row whose JSON is none
 */
export function clientOf(row: Row): ClientJson {
  const values = Object.entries(row)
    .filter(([column, value]) => value !== null && !unused.includes(column))
    .map(([column, value]) => [column, valueOf(column, value ?? '')]);
  return clientOfRow(Object.fromEntries(values) as ClientJson, 'the dump');
}

function valueOf(column: string, text: string): unknown {
  if (column === 'metadata') return text === '' ? undefined : jsonIn(column, text);
  if (listColumns.includes(column) || column === 'rotated_secrets' || column === 'post_logout_redirect_uris') {
    if (text.startsWith('[')) return jsonIn(column, text);
    return column === 'post_logout_redirect_uris' ? text.split('|').filter((uri) => uri !== '') : text;
  }
  if (isFlag(column)) return text === 't';
  return text;
}

function isFlag(column: string): boolean {
  return column.startsWith('skip_') || column.endsWith('_session_required');
}
