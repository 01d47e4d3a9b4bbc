import { type Operation, applyPatch } from 'rfc6902';
import { malformed } from './decode-body.js';

const maxOperations = 1000;
const maxLength = 1024 * 1024;
const members = ['op', 'path', 'from'];
const operations = ['add', 'remove', 'replace', 'move', 'copy', 'test'];

/**
 * A document with a JSON Patch applied, all of it or none (RFC 6902).
 *
 * @param document is used up
 * @throws OAuthError `invalid_request` when the patch is malformed, cannot be applied, or a test fails
 */
export function patched(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw malformed('a patch is an array of operations');
  if (patch.length > maxOperations) throw malformed(`a patch has at most ${maxOperations} operations`);
  const whole = { document };
  patch.forEach((operation: unknown, index) => {
    const refused = problem(whole, operation);
    if (refused !== undefined) throw malformed(`operation ${index} of the patch ${refused}`);
  });
  return whole.document;
}

/** Applies one operation, one level down so that the whole document can be replaced too; says why not when it cannot be. */
function problem(whole: { document: unknown }, operation: unknown): string | undefined {
  if (!isOperation(operation)) return 'is not one of RFC 6902';
  const from = 'from' in operation ? { from: `/document${operation.from}` } : {};
  const nested = { ...operation, ...from, path: `/document${operation.path}` } as Operation;
  if (!leadsSomewhere(whole, nested)) return 'cannot be applied: MissingError';
  const [error] = applyPatch(whole, [nested]);
  if (error !== null && error !== undefined) return `cannot be applied: ${error.name}`;
  // copies of copies would grow without end
  const grown = operation.op === 'copy' && JSON.stringify(whole.document).length > maxLength;
  return grown ? 'makes the document too large' : undefined;
}

/**
 * Whether the places an operation names are there. The library would take inherited members for places, and would change methods of
 * every object through them; and it fails at members of text and numbers.
 */
function leadsSomewhere(whole: object, operation: Operation): boolean {
  const isNew = operation.op === 'add' || operation.op === 'move' || operation.op === 'copy';
  const steps = stepsOf(operation.path);
  const container = valueAt(whole, steps.slice(0, -1));
  if (isNew ? typeof container !== 'object' || container === null : valueAt(whole, steps) === undefined) return false;
  return !('from' in operation) || valueAt(whole, stepsOf(operation.from)) !== undefined;
}

/** What lies at the end of some steps, all of them own members; undefined when there is nothing. */
function valueAt(start: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value) && !/^(?:0|[1-9]\d*)$/.test(step)) return undefined;
    return Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
  }, start);
}

function stepsOf(pointer: string): string[] {
  const tokens = pointer.split('/').slice(1);
  return tokens.map((token) => token.replace(/~1/g, '/').replace(/~0/g, '~'));
}

function isOperation(value: unknown): value is Operation {
  if (typeof value !== 'object' || value === null) return false;
  const operation = value as Record<string, unknown>;
  const pointers = members.slice(1).filter((member) => operation[member] !== undefined);
  if (!operations.includes(operation['op'] as string) || !pointers.every((member) => isPointer(operation[member]))) {
    return false;
  }
  const { op } = operation as { op: string };
  if (op === 'move' || op === 'copy') return pointers.length === 2;
  return operation['path'] !== undefined && (op === 'remove' || 'value' in operation);
}

function isPointer(value: unknown): boolean {
  return typeof value === 'string' && /^(?:\/(?:[^~/]|~[01])*)*$/.test(value);
}
