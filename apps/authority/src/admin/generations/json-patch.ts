import { type Operation, applyPatch } from 'rfc6902';
import { malformed } from '../body/decode-body.js';

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
  const [error] = applyPatch(whole, [nested]);
  if (error !== null && error !== undefined) return `cannot be applied: ${error.name}`;
  // copies of copies would grow without end
  const grown = operation.op === 'copy' && JSON.stringify(whole.document).length > maxLength;
  return grown ? 'makes the document too large' : undefined;
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
