// Who consented to what, when, and withdrawn when: node query.mjs [--subject mira] [--client photo-prints] [--at 2026-11-02T08:00:00Z] [--json]
// Reads AUDIT_FILE (audit.db). Standard error says what answers may lack.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { AuditTable } from './audit-table.mjs';

const file = process.env.AUDIT_FILE ?? 'audit.db';
try {
  query();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function query() {
  const text = { type: 'string' };
  const options = { subject: text, client: text, at: text, json: { type: 'boolean' } };
  const { json, at, ...filter } = parseArgs({ options }).values;
  if (at !== undefined && Number.isNaN(Date.parse(at))) throw new Error(`--at ${at} is no time`);
  if (!existsSync(file)) throw new Error(`${file} is not there: the consumer makes it`);
  const table = new AuditTable(file, { readOnly: true });
  const consents = table.consents({ ...filter, ...(at !== undefined && { at: new Date(at).toISOString() }) });
  for (const gap of table.gaps()) console.error(`may be incomplete: ${gap}`);
  table.close();
  if (json) console.log(JSON.stringify(consents, null, 2));
  else console.log([...consents.map(line), `consents: ${consents.length}`].join('\n'));
}

function line({ subject, subjectHash, clientId, grantedScope, grantedAt, withdrawnAt, withdrawnWhy }) {
  const why = withdrawnWhy === null ? '' : ` (${withdrawnWhy})`;
  const until = withdrawnAt === null ? 'not withdrawn' : `withdrawn ${withdrawnAt}${why}`;
  return `${grantedAt}  ${subject ?? subjectHash}  ${clientId ?? '?'}  ${grantedScope || '(nothing)'}  ${until}`;
}
