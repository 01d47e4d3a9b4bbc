/** Far more than anybody publishes, and few enough to be tried one after the other. */
const maxKeys = 100;

/**
 * Reads a JSON Web Key Set that somebody published, and leaves every key to the caller.
 *
 * @throws Error with a reason that says nothing of what was read
 * @see RFC 7517 section 5
 */
export function readKeySet(text: string): readonly unknown[] {
  const { keys } = (jsonOf(text) ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) throw new Error('it is not a JSON Web Key Set');
  if (keys.length > maxKeys) throw new Error(`it has more than ${maxKeys} keys`);
  return keys;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error('it is not JSON');
  }
}
