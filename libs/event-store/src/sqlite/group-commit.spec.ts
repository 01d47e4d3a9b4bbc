import { DatabaseSync } from 'node:sqlite';
import { until } from '#libs/harness';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OutcomeUnknownError, UnavailableError, VersionConflictError } from '../errors.js';
import { GroupCommit } from './group-commit.js';

/** A database whose disk fails at the next commit. */
class FailingDatabase extends DatabaseSync {
  nextCommitError: Error | undefined;
  nextRollbackError: Error | undefined;
  commits = 0;

  override exec(sql: string): void {
    if (sql === 'COMMIT') {
      this.commits += 1;
      const error = this.nextCommitError;
      this.nextCommitError = undefined;
      if (error !== undefined) throw error;
    }
    if (sql === 'ROLLBACK' && this.nextRollbackError !== undefined) {
      const error = this.nextRollbackError;
      this.nextRollbackError = undefined;
      throw error;
    }
    super.exec(sql);
  }
}

describe('GroupCommit', () => {
  let db: FailingDatabase;
  let group: GroupCommit;
  let rollbacks: number;
  beforeEach(() => {
    rollbacks = 0;
    db = new FailingDatabase(':memory:');
    db.exec('CREATE TABLE numbers (n INTEGER, filler TEXT)');
    group = new GroupCommit(
      db,
      () => undefined,
      () => (rollbacks += 1),
    );
  });
  afterEach(() => {
    group.close();
    db.close();
  });

  const write = (n: number, filler = '') =>
    group.submit(() => {
      db.prepare('INSERT INTO numbers VALUES (?, ?)').run(n, filler);
      return n;
    });
  const numbers = () =>
    db
      .prepare('SELECT n FROM numbers ORDER BY rowid')
      .all()
      .map(({ n }) => n);

  it('commits everything of one turn once, in order', async () => {
    expect(await Promise.all([write(1), write(2), write(3)])).toEqual([1, 2, 3]);
    expect(db.commits).toBe(1);
    expect(numbers()).toEqual([1, 2, 3]);
  });

  it('splits a very large turn', async () => {
    await Promise.all(Array.from({ length: 2_500 }, (_, n) => write(n)));
    expect(db.commits).toBe(3);
    expect(numbers()).toHaveLength(2_500);
  });

  it('refuses one write and commits the others', async () => {
    const conflict = new VersionConflictError('a-1', 0, 1);
    const refused = group.submit(() => {
      throw conflict;
    });
    const results = await Promise.allSettled([write(1), refused, write(2)]);
    expect(results[1]).toMatchObject({ reason: conflict });
    expect(numbers()).toEqual([1, 2]);
  });

  it.each([
    ['the disk is full', 13, UnavailableError],
    ['the disk did not take a write', 10 | (3 << 8), UnavailableError],
    ['the disk failed', 10 | (4 << 8), OutcomeUnknownError],
  ])('tells everyone when %s at the commit, and goes on', async (_case, errcode, expected) => {
    db.nextCommitError = Object.assign(new Error('disk'), { errcode });
    const results = await Promise.allSettled([write(1), write(2)]);
    for (const result of results) expect(result).toMatchObject({ reason: expect.any(expected) });
    expect(rollbacks).toBe(1);
    expect(numbers()).toEqual([]);
    await write(3);
    expect(numbers()).toEqual([3]);
  });

  it('rolls back when the disk is full in the middle', async () => {
    const { page_count: pages } = db.prepare('PRAGMA page_count').get() as { page_count: number };
    db.exec(`PRAGMA max_page_count = ${pages + 1}`);
    const results = await Promise.allSettled([write(1), write(2, 'x'.repeat(100_000)), write(3)]);
    for (const result of results) expect(result).toMatchObject({ reason: expect.any(UnavailableError) });
    expect(numbers()).toEqual([]);
    expect(group.fault).toEqual({ kind: 'disk_full', message: 'database or disk is full' });
    await write(4);
    expect(numbers()).toEqual([4]);
    expect(group.fault).toBeUndefined();
  });

  it('finds out by itself that the disk takes writes again', async () => {
    db.exec('PRAGMA query_only = ON');
    await expect(write(1)).rejects.toThrow(UnavailableError);
    expect(group.fault?.kind).toBe('read_only');
    db.exec('PRAGMA query_only = OFF');
    await until('the fault is over', async () => group.fault === undefined);
    expect(numbers()).toEqual([]);
  });

  it('goes on although a transaction could not be rolled back', async () => {
    db.nextCommitError = Object.assign(new Error('disk'), { errcode: 13 });
    db.nextRollbackError = Object.assign(new Error('disk'), { errcode: 13 });
    await expect(write(1)).rejects.toThrow(UnavailableError);
    expect(db.isTransaction).toBe(true);
    await write(2);
    expect(numbers()).toEqual([2]);
  });
});
