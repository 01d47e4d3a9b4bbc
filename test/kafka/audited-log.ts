import { type AuthorityEvent } from '#libs/domain';
import { type RecordedEvent } from '#libs/event-store';
import { ApplicationLog } from '../../apps/authority/src/http/application-log.js';
import { Clock } from '../../apps/authority/src/commands/clock.js';
import { readConfiguration } from '../../apps/authority/src/config/read-configuration.js';
import { openLogForReading } from '../../apps/authority/src/process/open-log.js';

/** A row of the audit table, without the whole body. */
export type AuditRow = Readonly<Record<(typeof columns)[number], string | null>>;

/** An answer of the example's query tool. */
export type AuditedConsent = Readonly<
  Record<'subject' | 'clientId' | 'grantedScope' | 'grantedAt' | 'withdrawnAt' | 'withdrawnWhy', string | null>
>;

export const columns = [
  ...(['sequence', 'id', 'type', 'time', 'subjectHash', 'subject', 'clientId', 'consentRequestId'] as const),
  ...(['grantedScope', 'grantedAudience', 'actor', 'reason', 'requestId'] as const),
] as const;

type Requested = Extract<AuthorityEvent, { type: 'ConsentRequested' }>['data'];
type Facts = Pick<AuditRow, 'type' | 'subjectHash'> & Partial<AuditRow>;

/** What the log of this folder says of consents: what an audit table has to hold, and what it has to answer, newest first. */
export async function auditOf(dataDir: string): Promise<{ rows: AuditRow[]; consents: AuditedConsent[] }> {
  const requests = new Map<string, Requested>();
  const rows: AuditRow[] = [];
  for (const recorded of await recordedIn(dataDir)) {
    const event = recorded.event as AuthorityEvent;
    if (event.type === 'ConsentRequested') requests.set(event.data.challenge, event.data);
    const facts = factsOf(event, requests);
    if (facts !== undefined) rows.push(rowOf(recorded, facts));
  }
  return { rows, consents: consentsOf(rows) };
}

async function recordedIn(dataDir: string): Promise<RecordedEvent[]> {
  const { configuration } = readConfiguration({ DATA_DIR: dataDir });
  const applicationLog = ApplicationLog.create({ level: 'silent', format: 'json' }, () => undefined);
  const log = await openLogForReading(configuration, { clock: new Clock(), applicationLog });
  const recorded: RecordedEvent[] = [];
  for (let page = await log.store.readAll(undefined, 1_000); page.length > 0;) {
    for (const stored of page) if (!stored.type.startsWith('$')) recorded.push(await log.codec.decode(stored));
    page = await log.store.readAll(page.at(-1)!.position, 1_000);
  }
  await log.close();
  return recorded;
}

function factsOf(event: AuthorityEvent, requests: ReadonlyMap<string, Requested>): Facts | undefined {
  switch (event.type) {
    case 'ConsentAccepted': {
      const { challenge, grantScope, grantAudience } = event.data;
      const granted = { grantedScope: grantScope.join(' '), grantedAudience: grantAudience.join(' ') };
      return { type: 'hydrant.consent.accepted.v1', ...requested(requests.get(challenge)!), ...granted };
    }
    case 'ConsentRejected':
      return { type: 'hydrant.consent.rejected.v1', ...requested(requests.get(event.data.challenge)!) };
    case 'ConsentRevoked': {
      const { subjectHash, clientId } = event.data;
      return { type: 'hydrant.consent.revoked.v1', subjectHash, clientId };
    }
    default:
      return undefined;
  }
}

function requested({ challenge, subjectHash, subject, clientId }: Requested): Omit<Facts, 'type'> {
  return { consentRequestId: challenge, subjectHash, subject, clientId };
}

function rowOf({ position, metadata }: RecordedEvent, facts: Facts): AuditRow {
  const { eventId: id, recordedAt: time, actor, reason = null, correlationId: requestId } = metadata;
  const missing = Object.fromEntries(columns.map((column) => [column, null])) as AuditRow;
  return { ...missing, sequence: String(position).padStart(20, '0'), id, time, actor, reason, requestId, ...facts };
}

/** The last decision on each request, if it was to accept, with the first withdrawal behind the first decision. */
function consentsOf(rows: readonly AuditRow[]): AuditedConsent[] {
  const decided = Map.groupBy(
    rows.filter(({ consentRequestId }) => consentRequestId !== null),
    ({ consentRequestId }) => consentRequestId,
  );
  const accepted = [...decided.values()].filter((decisions) => decisions.at(-1)!.grantedScope !== null);
  return accepted
    .sort((left, right) => (left.at(-1)!.sequence! < right.at(-1)!.sequence! ? 1 : -1))
    .map((decisions) => {
      const { subject, subjectHash, clientId, grantedScope, time: grantedAt } = decisions.at(-1)!;
      const behind = rows.slice(rows.indexOf(decisions[0]!));
      const withdrawal = behind.find(
        (row) =>
          row.type === 'hydrant.consent.revoked.v1' &&
          row.subjectHash === subjectHash &&
          [null, clientId].includes(row.clientId),
      );
      const { time: withdrawnAt = null, reason: withdrawnWhy = null } = withdrawal ?? {};
      return { subject, clientId, grantedScope, grantedAt, withdrawnAt, withdrawnWhy };
    });
}
