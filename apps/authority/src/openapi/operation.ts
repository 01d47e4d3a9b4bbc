import { type Schema, ref } from './schema.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
export type ErrorStatus = 400 | 404 | 409 | 412 | 413 | 422 | 503;

/** What an answer carries; `schema` absent: an empty body. */
export type AnswerDescription = {
  readonly description: string;
  readonly schema?: Schema;
  readonly contentType?: string;
  readonly headers?: readonly string[];
};

/** One operation of the admin listener, as its row in the table says it. */
export type Operation = {
  readonly method: Method;
  /** With parameters in braces, `/clients/{id}`. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly query?: readonly string[];
  /** `If-Match` is honoured (architecture.md: read model). */
  readonly conditional?: true;
  /** `Idempotency-Key` is honoured: 409 when what was made is gone, 422 for another body. */
  readonly repeatable?: true;
  /** Nothing is recorded, although the method is not GET. */
  readonly readsOnly?: true;
  readonly body?: { readonly contentTypes: readonly string[]; readonly schema: Schema };
  readonly success: { readonly [status: number]: AnswerDescription };
  readonly errors: readonly ErrorStatus[];
  /** The schema of its error bodies, `GenericError` unless named. */
  readonly errorSchema?: string;
};

/** A JSON body. */
export function json(schema: string): NonNullable<Operation['body']> {
  return { contentTypes: ['application/json'], schema: ref(schema) };
}

/** 200 with a body, and headers of its own. */
export function ok(schema: Schema, description: string, headers: readonly string[] = []): Operation['success'] {
  return { 200: { description, schema, headers } };
}

/** 204, without a body. */
export function nothing(description: string): Operation['success'] {
  return { 204: { description } };
}
