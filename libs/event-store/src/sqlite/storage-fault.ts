/** What a disk can do to a file of SQLite that goes away by itself or by an operator's hand. */
export type StorageFaultKind = 'disk_full' | 'read_only' | 'io_error' | 'cannot_open' | 'busy' | 'no_memory';

/** `message` is SQLite's own. */
export type StorageFault = { readonly kind: StorageFaultKind; readonly message: string };

/** By SQLite's primary result code (https://www.sqlite.org/rescode.html). A damaged file is not among them: that does not mend itself. */
const kinds: ReadonlyMap<number, StorageFaultKind> = new Map([
  [5, 'busy'],
  [6, 'busy'],
  [7, 'no_memory'],
  [8, 'read_only'],
  [10, 'io_error'],
  [13, 'disk_full'],
  [14, 'cannot_open'],
]);
const primaryCode = 0xff;

/** The fault of the storage that an error, or what caused it, is about; undefined when it is about something else. */
export function storageFaultOf(error: unknown): StorageFault | undefined {
  for (let each = error; each instanceof Error || isErrorLike(each); each = each.cause) {
    const code = resultCodeOf(each);
    const kind = code === undefined ? undefined : kinds.get(code & primaryCode);
    if (kind !== undefined) return { kind, message: each.message };
  }
  return undefined;
}

/** SQLite's extended result code; undefined for an error that is not SQLite's. */
export function resultCodeOf(error: unknown): number | undefined {
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code : undefined;
}

/** Not only `instanceof`: an error may come from another realm. */
function isErrorLike(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value;
}
