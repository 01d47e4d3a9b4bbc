import { DatabaseSync } from 'node:sqlite';

/**
 * The audit table: one row for each event of `consent.v1`, and for each partition the offset of the last one. Both change in one
 * transaction, so that whatever is read again after a crash is known to be there.
 */
export class AuditTable {
  #db;
  #insert;
  #setOffset;
  #offset;

  /** @param {string} file an SQLite file; made when it is not there */
  constructor(file) {
    this.#db = new DatabaseSync(file);
    this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE IF NOT EXISTS consent_events (
        sequence TEXT PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, time TEXT NOT NULL, subjectHash TEXT NOT NULL,
        subject TEXT, clientId TEXT, consentRequestId TEXT, grantedScope TEXT, grantedAudience TEXT,
        actor TEXT NOT NULL, reason TEXT, requestId TEXT NOT NULL, body TEXT NOT NULL) STRICT;
      CREATE INDEX IF NOT EXISTS consent_events_by_subject ON consent_events (subjectHash, sequence);
      CREATE TABLE IF NOT EXISTS offsets (
        topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY (topic, partition)) STRICT;`);
    this.#insert = this.#db.prepare('INSERT INTO consent_events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#setOffset = this.#db.prepare(
      'INSERT INTO offsets VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET offset = excluded.offset',
    );
    this.#offset = this.#db.prepare('SELECT offset FROM offsets WHERE topic = ? AND partition = ?');
  }

  /**
   * The offset to read on from.
   *
   * @param {string} topic
   * @param {number} partition
   * @returns {bigint} 0 when nothing of the partition was read yet
   */
  nextOffset(topic, partition) {
    const row = this.#offset.get(topic, partition);
    return row === undefined ? 0n : BigInt(row.offset) + 1n;
  }

  /**
   * Adds the events of some messages of one partition; those that are there already are skipped.
   *
   * @param {string} topic
   * @param {number} partition
   * @param {import('kafkajs').KafkaMessage[]} messages in the order of their offsets
   */
  add(topic, partition, messages) {
    const next = this.nextOffset(topic, partition);
    const fresh = messages.filter(({ offset }) => BigInt(offset) >= next);
    const last = fresh.at(-1);
    if (last === undefined) return;
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      for (const message of fresh) this.#insert.run(...rowOf(message));
      this.#setOffset.run(topic, partition, Number(last.offset));
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /**
   * Who consented to what, when, and when it was withdrawn. Of several decisions on one request the last one counts; a withdrawal ends
   * what was first decided before it. Newest first.
   *
   * @param {{ subject?: string, client?: string, at?: string }} filter `subject` in clear or as hash; `at`: what was in force then
   */
  consents({ subject, client, at } = {}) {
    const rows = this.#db
      .prepare(
        `WITH decisions AS (
          SELECT *, min(sequence) OVER request AS first, max(sequence) OVER request AS last FROM consent_events
          WHERE type IN ('hydrant.consent.accepted.v1', 'hydrant.consent.rejected.v1')
          WINDOW request AS (PARTITION BY consentRequestId))
        SELECT d.subject, d.subjectHash, d.clientId, d.grantedScope, d.grantedAudience, d.time AS grantedAt, d.actor,
          w.time AS withdrawnAt, w.actor AS withdrawnBy, w.reason AS withdrawnWhy
        FROM decisions d LEFT JOIN (SELECT sequence, time, actor, reason FROM consent_events) w ON w.sequence = (
          SELECT min(r.sequence) FROM consent_events r WHERE r.type = 'hydrant.consent.revoked.v1'
            AND r.subjectHash = d.subjectHash AND (r.clientId IS NULL OR r.clientId = d.clientId) AND r.sequence > d.first)
        WHERE d.sequence = d.last AND d.type = 'hydrant.consent.accepted.v1'
          AND ($subject IS NULL OR d.subject = $subject OR d.subjectHash = $subject)
          AND ($client IS NULL OR d.clientId = $client)
          AND ($at IS NULL OR (d.time <= $at AND (w.time IS NULL OR w.time > $at)))
        ORDER BY d.sequence DESC`,
      )
      .all({ $subject: subject ?? null, $client: client ?? null, $at: at ?? null });
    return rows.map((row) => ({ ...row }));
  }

  close() {
    this.#db.close();
  }
}

/**
 * @param {import('kafkajs').KafkaMessage} message
 * @returns {(string | null)[]}
 */
function rowOf({ headers, value }) {
  const header = (name) => String(headers[name] ?? '');
  const text = String(value);
  const body = JSON.parse(text);
  const list = (values) => (values === undefined ? null : values.join(' '));
  const {
    subjectHash,
    subject = null,
    clientId = null,
    consentRequestId = null,
    actor,
    reason = null,
    requestId,
  } = body;
  return [
    ...[header('ce_sequence'), header('ce_id'), header('ce_type'), header('ce_time'), subjectHash, subject, clientId],
    ...[consentRequestId, list(body.grantedScope), list(body.grantedAudience), actor, reason, requestId, text],
  ];
}
