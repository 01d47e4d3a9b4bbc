import { expect } from '@jest/globals';
import { type Answer } from '#libs/harness';

const uuidV4 = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

/** A UUIDv4 with dashes. */
export const uuid = (): unknown => expect.stringMatching(uuidV4);

/**
 * The error body of admin-api.md 1.5, its members in their order and no others.
 *
 * @param error what the `error` member is: a code, or for 404 and 409 a reason phrase or sentence
 */
export function expectError(answer: Answer, status: number, error: string | RegExp): void {
  expect({ status: answer.status, text: answer.text, type: answer.headers.get('content-type') }).toMatchObject({
    ...{ status, type: 'application/json' },
  });
  expect(answer.json.error).toMatch(typeof error === 'string' ? new RegExp(`^${error}$`) : error);
  expect(answer.json).toMatchObject({ status_code: status, error_description: expect.any(String) });
  expect(typeof answer.json.request_id).toBe('string');
  const order = ['error', 'error_description', 'error_hint', 'status_code', 'error_debug', 'request_id'];
  expect(Object.keys(answer.json)).toEqual(order.filter((member) => member in answer.json));
  expect([answer.json.error_hint, answer.json.error_debug]).not.toContain('');
}

/** ERR-400-VAL with the reason as hint. */
export function expectHint(answer: Answer, hint: RegExp): void {
  expectError(answer, 400, 'invalid_request');
  expect(answer.json.error_hint).toMatch(hint);
}

/** What a body that cannot be used is answered with (admin-api.md 6). */
export function expectMalformed(answer: Answer): void {
  expectError(answer, 400, 'invalid_request');
  expect(answer.json.error_debug).toMatch(/./);
}

/** A row of the storage that is not there: ERR-404-ROW. */
export function expectNoRow(answer: Answer): void {
  expectError(answer, 404, /located/);
  expect(answer.json.error_description).toBe('');
}

/** ERR-404. */
export function expectNotFound(answer: Answer): void {
  expectError(answer, 404, 'Not Found');
  expect(answer.json.error_description).not.toBe('');
}

/** An answer without a body. */
export function expectNothing({ status, text, headers }: Answer): void {
  expect({ status, text, type: headers.get('content-type') }).toEqual({ status: 204, text: '', type: null });
}
