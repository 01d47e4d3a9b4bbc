import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreRefusedError } from '../errors.js';
import { givesPagesBack } from './reclaimer.js';
import { hasTrailer } from './backup-form.js';

const applicationId = 0x48796472; // 'Hydr'
const formatVersion = 1;
const defaultFullCheckMaxBytes = 64 * 1024 * 1024;
const headerBytes = 100;
/** How long a reader waits while the writer has the file for itself: as it opens, closes and recovers. */
const readerWaitMs = 5_000;

const schema = `
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    metadata TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_by_stream ON events (stream, revision);
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${formatVersion};`;

/**
 * Opens the log's file for writing, after it was found to be whole and ours; creates it when absent.
 *
 * @throws StoreRefusedError without having touched the file
 */
export function openDatabase(file: string, fullCheckMaxBytes = defaultFullCheckMaxBytes): DatabaseSync {
  if (existsSync(file)) {
    checkHeader(file);
    checkContent(file, fullCheckMaxBytes);
  } else {
    if (hasWriteAheadLog(file)) refuse(file, 'is missing, but its write-ahead log is here: restore both from a backup');
    create(file);
  }
  const db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON');
  return db;
}

/**
 * Opens the log's file for reading, whoever writes it meanwhile.
 *
 * @throws StoreRefusedError when it is missing, not ours, or of a newer version
 */
export function openDatabaseReadOnly(file: string): DatabaseSync {
  if (!existsSync(file)) refuse(file, 'is not there: start an authority on this DATA_DIR first');
  checkIdentity(file, readHeader(file));
  return new DatabaseSync(file, { readOnly: true, timeout: readerWaitMs });
}

/** @throws StoreRefusedError when the file is not a log of ours, or of a newer version */
export function checkLogHeader(file: string): void {
  checkIdentity(file, readHeader(file));
}

/** The file appears under its name only when it is complete: a crash on the way leaves nothing that would be refused later. */
function create(file: string): void {
  const unfinished = `${file}.new`;
  mkdirSync(dirname(file), { recursive: true });
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(unfinished + suffix, { force: true });
  const db = new DatabaseSync(unfinished);
  db.exec(`${givesPagesBack}; PRAGMA synchronous = FULL; BEGIN; ${schema} COMMIT; PRAGMA journal_mode = WAL`);
  db.close();
  renameSync(unfinished, file);
  syncDirectory(dirname(file));
}

/** What was renamed in a folder keeps its new name through a loss of power. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** @see https://www.sqlite.org/fileformat2.html section 1.3 */
function checkHeader(file: string): void {
  const found = readHeader(file);
  checkIdentity(file, found);
  const { header, size } = found;
  if (hasWriteAheadLog(file)) return; // after a crash inside a checkpoint, the write-ahead log completes the file
  const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const pageCountIsValid = header.readUInt32BE(24) === header.readUInt32BE(92);
  if (hasTrailer(file)) refuse(file, 'is a backup: move it away, and use `hydrant restore`');
  if (size % pageSize !== 0 || (pageCountIsValid && header.readUInt32BE(28) > size / pageSize)) {
    refuse(file, 'is truncated: restore it from a backup');
  }
}

function checkIdentity(file: string, { header, size }: Header): void {
  if (size < headerBytes || header.toString('latin1', 0, 16) !== 'SQLite format 3\0') {
    refuse(file, 'is not an SQLite file: restore it from a backup, or choose another DATA_DIR');
  }
  if (header.readUInt32BE(68) !== applicationId) refuse(file, 'is not a Hydrant event log: choose another DATA_DIR');
  const version = header.readUInt32BE(60);
  if (version > formatVersion) {
    refuse(
      file,
      `was written by a newer Hydrant (format ${version}, this one knows ${formatVersion}): start that version`,
    );
  }
}

/** The file is opened read-only, so that nothing is moved from the write-ahead log into a file that may be refused. */
function checkContent(file: string, fullCheckMaxBytes: number): void {
  let problem: unknown;
  try {
    const db = new DatabaseSync(file, { readOnly: true });
    try {
      db.prepare(
        'SELECT position, stream, revision, id, type, data, metadata FROM events ORDER BY position DESC LIMIT 1',
      ).get();
      if (statSync(file).size <= fullCheckMaxBytes)
        problem = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
      else problem = 'ok';
    } finally {
      db.close();
    }
  } catch (error) {
    problem = error;
  }
  if (problem !== 'ok') refuse(file, `is damaged (${oneLine(problem)}): restore it from a backup`, problem);
}

type Header = { readonly header: Buffer; readonly size: number };

function readHeader(file: string): Header {
  const descriptor = openSync(file, 'r');
  try {
    const header = Buffer.alloc(headerBytes);
    readSync(descriptor, header, 0, headerBytes, 0);
    return { header, size: fstatSync(descriptor).size };
  } finally {
    closeSync(descriptor);
  }
}

function hasWriteAheadLog(file: string): boolean {
  return (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function oneLine(problem: unknown): string {
  return String(problem)
    .replace(/^Error: /, '')
    .replace(/\s+/g, ' ');
}

function refuse(file: string, reason: string, cause?: unknown): never {
  throw new StoreRefusedError(`${file} ${reason}`, { cause });
}
