import { DatabaseSync } from 'node:sqlite';

const types = {
  accepted: 'hydrant.consent.accepted.v1',
  rejected: 'hydrant.consent.rejected.v1',
  revoked: 'hydrant.consent.revoked.v1',
  erased: 'hydrant.subject.erased.v1',
};
const known = Object.values(types);

/**
 * The audit table: one row for each event of `consent.v1`, and for each partition the offset of the last one. Both change in one
 * transaction, so that whatever is read again after a crash is known to be there. What cannot be understood is kept, and told of.
 */
export class AuditTable {
  #db;

  /**
   * @param {string} file an SQLite file; made when it is not there
   * @param {{ readOnly?: boolean }} options `readOnly`: it has to be there
   */
  constructor(file, { readOnly = false } = {}) {
    this.#db = new DatabaseSync(file, { readOnly, timeout: 5_000 });
    if (readOnly) return;
    this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
      CREATE TABLE IF NOT EXISTS consent_events (
        sequence TEXT PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, time TEXT NOT NULL, subjectHash TEXT,
        subject TEXT, clientId TEXT, consentRequestId TEXT, grantedScope TEXT, grantedAudience TEXT,
        actor TEXT, reason TEXT, requestId TEXT, body TEXT NOT NULL) STRICT;
      CREATE INDEX IF NOT EXISTS consent_events_by_subject ON consent_events (subjectHash, sequence);
      CREATE TABLE IF NOT EXISTS offsets (
        topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY (topic, partition)) STRICT;
      CREATE TABLE IF NOT EXISTS problems (
        topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL, problem TEXT NOT NULL, value BLOB,
        PRIMARY KEY (topic, partition, offset)) STRICT;`);
  }

  /**
   * The offset to read on from.
   *
   * @param {string} topic
   * @param {number} partition
   * @returns {bigint} 0 when nothing of the partition was read yet
   */
  nextOffset(topic, partition) {
    const row = this.#db.prepare('SELECT offset FROM offsets WHERE topic = ? AND partition = ?').get(topic, partition);
    return row === undefined ? 0n : BigInt(row.offset) + 1n;
  }

  /**
   * Says what the topic has of a partition. Where the table is not between its ends, Kafka has lost or deleted what the table did not
   * read yet, which is told of, or the topic was made anew, and is read from its beginning: events are known by their sequence.
   *
   * @param {string} topic
   * @param {{ partition: number, low: string, high: string }} ends
   */
  compare(topic, { partition, low, high }) {
    const next = this.nextOffset(topic, partition);
    if (next > BigInt(high)) {
      this.#db.prepare('DELETE FROM offsets WHERE topic = ? AND partition = ?').run(topic, partition);
    } else if (next < BigInt(low)) {
      this.#problem({ topic, partition, offset: String(next) }, `deleted before they were read: all up to ${low}`);
    }
  }

  /**
   * Adds the events of some messages of one partition; those that are there already are skipped.
   *
   * @param {string} topic
   * @param {number} partition
   * @param {import('kafkajs').KafkaMessage[]} messages in the order of their offsets
   */
  add(topic, partition, messages) {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const next = this.nextOffset(topic, partition);
      const fresh = messages.filter(({ offset }) => BigInt(offset) >= next);
      for (const message of fresh) this.#keep(topic, partition, message);
      if (fresh.length > 0) this.#setOffset(topic, partition, fresh.at(-1).offset);
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
   * @param {{ subject?: string, client?: string, at?: string }} filter `subject` in clear or as hash; `at`: what held then, ISO 8601
   */
  consents({ subject = null, client = null, at = null } = {}) {
    const rows = this.#db
      .prepare(
        `WITH decisions AS (
          SELECT *, min(sequence) OVER request AS first, max(sequence) OVER request AS last FROM consent_events
          WHERE type IN ('${types.accepted}', '${types.rejected}') AND ($at IS NULL OR time <= $at)
          WINDOW request AS (PARTITION BY consentRequestId))
        SELECT d.subject, d.subjectHash, d.clientId, d.grantedScope, d.grantedAudience, d.time AS grantedAt, d.actor,
          w.time AS withdrawnAt, w.actor AS withdrawnBy, w.reason AS withdrawnWhy
        FROM decisions d LEFT JOIN consent_events w ON w.sequence = (
          SELECT min(r.sequence) FROM consent_events r WHERE r.type = '${types.revoked}'
            AND r.subjectHash = d.subjectHash AND (r.clientId IS NULL OR r.clientId = d.clientId) AND r.sequence > d.first)
        WHERE d.sequence = d.last AND d.type = '${types.accepted}'
          AND ($subject IS NULL OR d.subjectHash = $subject
            OR d.subjectHash IN (SELECT subjectHash FROM consent_events WHERE subject = $subject))
          AND ($client IS NULL OR d.clientId = $client)
          AND ($at IS NULL OR w.time IS NULL OR w.time > $at)
        ORDER BY d.sequence DESC`,
      )
      .all({ $subject: subject, $client: client, $at: at });
    return rows.map((row) => ({ ...row }));
  }

  /**
   * Why answers may be incomplete: records that could not be read, or were gone before; events that this program does not know, such as
   * those that stand for one that could not be published; consents whose client was not known any more. One line each.
   *
   * @returns {string[]}
   */
  gaps() {
    const problems = this.#db.prepare('SELECT * FROM problems ORDER BY topic, partition, offset').all();
    const strange = this.#db
      .prepare(
        `SELECT sequence, type FROM consent_events
          WHERE type NOT IN (?, ?, ?, ?) OR (type = '${types.accepted}' AND clientId IS NULL) ORDER BY sequence`,
      )
      .all(...known);
    return [
      ...problems.map(({ partition, offset, problem }) => `partition ${partition}, offset ${offset}: ${problem}`),
      ...strange.map(({ sequence, type }) => {
        return `event ${Number(sequence)}: ${type} ${known.includes(type) ? 'names no client' : 'is not understood'}`;
      }),
    ];
  }

  close() {
    this.#db.close();
  }

  #keep(topic, partition, { offset, headers, value }) {
    let row;
    try {
      row = rowOf(headers, value);
    } catch (error) {
      this.#problem({ topic, partition, offset, value }, `cannot be read: ${error.message}`);
      return;
    }
    const add = 'INSERT INTO consent_events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
    this.#db.prepare(add).run(...row);
    const [sequence, , type, , subjectHash] = row;
    if (type === types.erased) this.#forget(subjectHash, sequence);
  }

  /** Nobody says any more who it was. */
  #forget(subjectHash, sequence) {
    const forget = `UPDATE consent_events SET subject = NULL, body = json_remove(body, '$.subject') WHERE subjectHash = ? AND sequence < ?`;
    this.#db.prepare(forget).run(subjectHash, sequence);
  }

  #problem({ topic, partition, offset, value = null }, problem) {
    console.error(`${topic}, partition ${partition}, offset ${offset}: ${problem}`);
    const add = 'INSERT INTO problems VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
    this.#db.prepare(add).run(topic, partition, BigInt(offset), problem, value);
  }

  #setOffset(topic, partition, offset) {
    const set = 'INSERT INTO offsets VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET offset = excluded.offset';
    this.#db.prepare(set).run(topic, partition, BigInt(offset));
  }
}

/**
 * @param {import('kafkajs').IHeaders | undefined} headers
 * @param {Buffer | null} value
 * @returns {(string | null)[]}
 * @throws Error when it is no event as docs/events.md describes them
 */
function rowOf(headers, value) {
  const text = String(value);
  const body = JSON.parse(text);
  if (typeof body !== 'object' || body === null) throw new Error('it is no JSON object');
  const event = ['ce_sequence', 'ce_id', 'ce_type', 'ce_time'].map((name) => textOf(name, headers?.[name]?.toString()));
  const optional = (name) => (body[name] === undefined ? null : textOf(name, body[name]));
  const list = (name) => (body[name] === undefined ? null : listOf(name, body[name]).join(' '));
  if (known.includes(event[2])) textOf('subjectHash', body.subjectHash);
  return [
    ...[...event, optional('subjectHash'), optional('subject'), optional('clientId'), optional('consentRequestId')],
    ...[
      list('grantedScope'),
      list('grantedAudience'),
      optional('actor'),
      optional('reason'),
      optional('requestId'),
      text,
    ],
  ];
}

function textOf(name, value) {
  if (typeof value !== 'string' || value === '') throw new Error(`${name} is not there, or no text`);
  return value;
}

function listOf(name, value) {
  if (!Array.isArray(value)) throw new Error(`${name} is no list`);
  return value;
}
