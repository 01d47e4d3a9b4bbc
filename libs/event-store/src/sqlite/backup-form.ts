import { Sha256 } from '#libs/crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { StoreRefusedError } from '../errors.js';
import { type LogContent } from './log-content.js';

/** What follows the database in a backup: one line of this many bytes. */
export const trailerBytes = 512;

const form = 1;
const chunkBytes = 1024 * 1024;

/**
 * What a backup says of itself. It is an SQLite database, so that every tool can look into it, and behind that one line of JSON, filled up
 * with blanks to 512 bytes. `bytes` and `sha256` (hexadecimal) are of the database alone: `head -c -512 FILE | sha256sum`.
 */
export type BackupTrailer = LogContent & { readonly takenAt: string; readonly bytes: number; readonly sha256: string };

/** Ends a copy of the database: with the trailer behind it, on the disk, it is a backup. */
export function sealBackup(file: string, content: LogContent, takenAt: Date): BackupTrailer {
  const descriptor = openSync(file, 'r+');
  try {
    const { size: bytes } = fstatSync(descriptor);
    const trailer = { ...content, takenAt: takenAt.toISOString(), bytes, sha256: sha256Of(descriptor) };
    writeSync(descriptor, trailerText(trailer), bytes);
    fsyncSync(descriptor);
    return trailer;
  } finally {
    closeSync(descriptor);
  }
}

function sha256Of(descriptor: number): string {
  const hash = new Sha256();
  const chunk = Buffer.alloc(chunkBytes);
  for (let at = 0; ;) {
    const length = readSync(descriptor, chunk, 0, chunkBytes, at);
    if (length === 0) return hash.end();
    hash.update(chunk.subarray(0, length));
    at += length;
  }
}

function trailerText(trailer: BackupTrailer): string {
  return `${JSON.stringify({ hydrantBackup: form, ...trailer }).padEnd(trailerBytes - 1)}\n`;
}

/** @throws StoreRefusedError when these are not the last bytes of a backup, or of one of a newer form */
function readTrailer(bytes: Uint8Array): BackupTrailer {
  const { hydrantBackup, ...trailer } = parsed(bytes);
  if (hydrantBackup === form) return trailer as BackupTrailer;
  if (typeof hydrantBackup !== 'number') throw new StoreRefusedError('it does not end as a backup does');
  throw new StoreRefusedError(`it was made by a newer Hydrant (form ${hydrantBackup}, this one knows ${form})`);
}

/** Whether a file ends as a backup does. */
export function hasTrailer(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const end = Buffer.alloc(trailerBytes);
    readSync(descriptor, end, 0, trailerBytes, Math.max(0, fstatSync(descriptor).size - trailerBytes));
    return 'hydrantBackup' in parsed(end);
  } finally {
    closeSync(descriptor);
  }
}

function parsed(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Divides what comes of a stream into the database, which is passed on chunk by chunk, and the trailer behind it. */
export class BackupReader {
  private readonly hash = new Sha256();
  private held = Buffer.alloc(0);
  private bytes = 0;

  /** Takes the next bytes; returns those that are known to be of the database. */
  take(chunk: Uint8Array): Uint8Array {
    const all = Buffer.concat([this.held, chunk]);
    const known = Math.max(0, all.length - trailerBytes);
    this.held = all.subarray(known);
    const database = all.subarray(0, known);
    this.hash.update(database);
    this.bytes += known;
    return database;
  }

  /** After the last bytes. @throws StoreRefusedError when something is missing or different */
  end(): BackupTrailer {
    const trailer = readTrailer(this.held);
    if (trailer.bytes !== this.bytes) {
      throw new StoreRefusedError(`it has ${this.bytes} bytes of the ${trailer.bytes} that were backed up`);
    }
    const sha256 = this.hash.end();
    if (trailer.sha256 === sha256) return trailer;
    throw new StoreRefusedError(`its checksum is ${sha256}, not ${trailer.sha256} as it was made`);
  }
}
