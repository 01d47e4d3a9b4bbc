import { type FormRecord } from './form-encoding.js';

const defaultLimit = 100;
const greatestLimit = 500;

/**
 * Which rows of a list are asked for. What is not an integer of 64 bits counts as not sent, negative numbers as 0, and a limit of 0 gives no
 * rows.
 *
 * @see admin-api.md 1.8
 */
export function pagination(query: FormRecord): { readonly limit: number; readonly offset: number } {
  return {
    limit: Math.min(count(query['limit'], defaultLimit), greatestLimit),
    offset: count(query['offset'], 0),
  };
}

function count(value: string | readonly string[] | undefined, fallback: number): number {
  const text = typeof value === 'string' ? value : value?.[0];
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return fallback;
  const number = BigInt(text.replace(/^\+/, ''));
  if (number !== BigInt.asIntN(64, number)) return fallback;
  return Math.min(Math.max(Number(number), 0), Number.MAX_SAFE_INTEGER);
}
