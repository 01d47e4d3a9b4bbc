import { type Endpoint } from '../http/endpoint.js';
import { type Schema, ref } from './schema.js';

export type ErrorStatus = 400 | 401 | 403 | 404 | 409 | 412 | 413 | 421 | 422 | 503;

/** What an answer carries; `schema` absent: an empty body. */
export type AnswerDescription = {
  readonly description: string;
  readonly schema?: Schema;
  readonly contentType?: string;
  readonly headers?: readonly string[];
};

/** What the document says of an operation, besides what its endpoint says. */
export type Documentation = {
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly query?: readonly string[];
  /** `If-Match` is honoured (architecture.md: read model). */
  readonly conditional?: true;
  /** Nothing is recorded, although the method is not GET. */
  readonly readsOnly?: true;
  readonly body?: { readonly contentTypes: readonly string[]; readonly schema: Schema };
  /** The first is how the handler answers unless it says otherwise. */
  readonly success: { readonly [status: number]: AnswerDescription };
  readonly errors: readonly ErrorStatus[];
  /** The schema of its error bodies, `GenericError` unless named. */
  readonly errorSchema?: string;
};

/** One operation of the admin listener at one path. */
export type Operation = Endpoint & Required<Pick<Endpoint, 'permission'>> & Documentation;

/** An operation with the status and content type that its documentation says. */
export function operation<Declared extends Omit<Operation, 'status' | 'contentType'>>(
  declared: Declared,
): Declared & Pick<Operation, 'status' | 'contentType'> {
  const [[status, { schema, contentType = 'application/json' }] = ['200', {}]] = Object.entries<
    Partial<AnswerDescription>
  >(declared.success);
  return {
    ...declared,
    status: Number(status) as Operation['status'],
    ...(schema === undefined ? {} : { contentType }),
  };
}

/** A JSON body. */
export function json(schema: string): NonNullable<Documentation['body']> {
  return { contentTypes: ['application/json'], schema: ref(schema) };
}

/** 200 with a body, and headers of its own. */
export function ok(schema: Schema, description: string, headers: readonly string[] = []): Documentation['success'] {
  return { 200: { description, schema, headers } };
}

/** 204, without a body. */
export function nothing(description: string): Documentation['success'] {
  return { 204: { description } };
}
