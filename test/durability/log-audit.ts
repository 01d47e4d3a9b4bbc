import { DatabaseSync } from 'node:sqlite';

type Row = {
  position: number;
  stream: string;
  revision: number;
  id: string;
  type: string;
  data: string;
  metadata: string;
};
type Audited = Omit<Row, 'data' | 'metadata'> & { readonly data: EventData; readonly commandId: string };

/** The members the audit looks at. */
type EventData = {
  readonly loginChallenge?: string;
  readonly consentChallenge?: string;
  readonly keys?: readonly Key[];
  readonly key?: Key;
};
type Key = { readonly secretId?: string };

const streamDeleted = '$streamDeleted';

/** Events whose command has another one right after them in the same stream. */
const pairs: Readonly<Record<string, string>> = { AuthorizationCodeRedeemed: 'TokensIssued' };

/** What is wrong with an event log, by looking at its table alone. `events` is how many it holds. */
export function auditLog(file: string): { events: number; problems: string[] } {
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare('SELECT * FROM events ORDER BY position').all() as Row[];
  db.close();
  const problems: string[] = [];
  const events = rows.map((row) => parsed(row, problems));
  problems.push(...revisionProblems(events), ...commandProblems(events), ...causeProblems(events));
  return { events: events.length, problems };
}

function parsed(row: Row, problems: string[]): Audited {
  try {
    const { commandId } = JSON.parse(row.metadata);
    return { ...row, data: JSON.parse(row.data), commandId };
  } catch {
    problems.push(`${at(row)} is not JSON`);
    return { ...row, data: {}, commandId: '' };
  }
}

/** Revisions of a stream count from 0 without a gap; of a deleted stream there is the deletion and nothing else. */
function revisionProblems(events: readonly Audited[]): string[] {
  const next = new Map<string, number>();
  const deleted = new Set(events.filter(({ type }) => type === streamDeleted).map(({ stream }) => stream));
  return events.flatMap((event) => {
    if (event.type === streamDeleted)
      return event.revision === -1 ? [] : [`${at(event)} is a deletion with a revision`];
    if (deleted.has(event.stream)) return [`${at(event)} is in a deleted stream`];
    const expected = next.get(event.stream) ?? 0;
    next.set(event.stream, expected + 1);
    return event.revision === expected ? [] : [`${at(event)} should have revision ${expected}`];
  });
}

/** The events of a command in one stream came in one append: side by side, with ids that follow each other. */
function commandProblems(events: readonly Audited[]): string[] {
  const problems: string[] = [];
  const last = new Map<string, Audited>();
  events.forEach((event, index) => {
    if (event.type === streamDeleted) return;
    const key = `${event.commandId} ${event.stream}`;
    const before = last.get(key);
    last.set(key, event);
    if (before !== undefined && (before.position + 1 !== event.position || indexIn(before) + 1 !== indexIn(event))) {
      problems.push(`${at(event)} was appended apart from ${at(before)}`);
    }
    const partner = pairs[event.type];
    const following = events[index + 1];
    if (partner !== undefined && !(following?.type === partner && following.stream === event.stream)) {
      problems.push(`${at(event)} has no ${partner} with it`);
    }
  });
  return problems;
}

/** No effect stands in the log before its cause (architecture.md: write path). */
function causeProblems(events: readonly Audited[]): string[] {
  const causes = new Set<string>();
  const problems: string[] = [];
  const needs = (event: Audited, cause: string): void => {
    if (!causes.has(cause)) problems.push(`${at(event)} has no ${cause} before it`);
  };
  const deletedSecrets = new Set(events.flatMap(({ type, stream }) => (type === streamDeleted ? [stream] : [])));
  for (const event of events) {
    const { type, data, stream } = event;
    causes.add(`${type} in ${stream}`);
    if (type === 'ConsentRequested' || type === 'SessionStarted')
      needs(event, `LoginVerifierRedeemed in login-${data.loginChallenge}`);
    if (type === 'AuthorizationCodeIssued') needs(event, `ConsentVerifierRedeemed in consent-${data.consentChallenge}`);
    if (type === 'TokensRefreshed') needs(event, `TokensIssued in ${stream}`);
    for (const { secretId } of keysIn(event)) {
      if (secretId !== undefined && !deletedSecrets.has(`secret-${secretId}`))
        needs(event, `SecretSealed in secret-${secretId}`);
    }
  }
  return problems;
}

function keysIn({ stream, data }: Audited): Key[] {
  if (!stream.startsWith('keyset-')) return [];
  return [...(data.keys ?? []), ...(data.key === undefined ? [] : [data.key])];
}

/** The index of an event in its command: the last four digits of its id. */
function indexIn({ id }: Audited): number {
  return Number.parseInt(id.slice(-4), 16);
}

function at({ type, stream, revision, position }: Pick<Row, 'type' | 'stream' | 'revision' | 'position'>): string {
  return `${type} at ${stream}@${revision}, position ${position}`;
}
