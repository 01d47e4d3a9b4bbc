/** What this process and its listeners are called, and the holder of the token of a file: nobody else has these names. */
const reserved = ['admin', 'public', 'hydrant', 'bootstrap'];

/** Whether somebody from outside may be called so: 1 to 128 printable ASCII characters, and no name that we give ourselves. */
export function isCallerName(name: unknown): name is string {
  if (typeof name !== 'string' || reserved.includes(name)) return false;
  return /^[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?$/.test(name);
}
