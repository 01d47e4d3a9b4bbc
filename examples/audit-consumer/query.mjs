// Who consented to what, when, and withdrawn when: node query.mjs [--subject mira] [--client photo-prints] [--at 2026-11-02T08:00:00Z] [--json]
import { parseArgs } from 'node:util';
import { AuditTable } from './audit-table.mjs';

const { values } = parseArgs({
  options: {
    subject: { type: 'string' },
    client: { type: 'string' },
    at: { type: 'string' },
    json: { type: 'boolean' },
  },
});
const { json = false, at, ...filter } = values;
const table = new AuditTable(process.env.AUDIT_FILE ?? 'audit.db');
const consents = table.consents({ ...filter, ...(at === undefined ? {} : { at: new Date(at).toISOString() }) });
table.close();

if (json) console.log(JSON.stringify(consents, null, 2));
else {
  for (const { subject, subjectHash, clientId, grantedScope, grantedAt, withdrawnAt, withdrawnWhy } of consents) {
    const until =
      withdrawnAt === null
        ? 'in force'
        : `withdrawn ${withdrawnAt}${withdrawnWhy === null ? '' : ` (${withdrawnWhy})`}`;
    console.log(
      `${grantedAt}  ${subject ?? subjectHash}  ${clientId ?? '?'}  ${grantedScope || '(nothing)'}  ${until}`,
    );
  }
  console.log(`${consents.length} consents`);
}
