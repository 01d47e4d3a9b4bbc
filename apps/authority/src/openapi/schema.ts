/** A JSON Schema (2020-12, the dialect of OpenAPI 3.1). */
export type Schema = { readonly [keyword: string]: unknown };
type Members = Readonly<Record<string, Schema>>;

export const text: Schema = { type: 'string' };
export const texts: Schema = { type: 'array', items: text };
export const flag: Schema = { type: 'boolean' };
export const integer: Schema = { type: 'integer', format: 'int64' };
export const time: Schema = { type: 'string', format: 'date-time' };
export const freeForm: Schema = { type: 'object', additionalProperties: true };

/** Names a schema of the document. */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

export function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

/** The same, or `null`. @param schema one with a single `type`, no reference */
export function nullable(schema: Schema): Schema {
  return { ...schema, type: [schema['type'], 'null'] };
}

/** With the words a reader needs. */
export function described(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

/** What an answer holds: always the first members, the others only when they have a value, and nothing else. */
export function answerModel(always: Members, omittedWhenEmpty: Members = {}): Schema {
  return {
    type: 'object',
    required: Object.keys(always),
    properties: { ...always, ...omittedWhenEmpty },
    additionalProperties: false,
  };
}

/**
 * What a request may hold. `null` is the same as absent (admin-api.md 1.3), so every member that is not required may be `null`.
 *
 * @param others whether members that are not named are ignored or refused with 400
 */
export function requestModel(
  members: Members,
  others: 'ignored' | 'refused',
  required: readonly string[] = [],
): Schema {
  const properties = Object.entries(members).map(([name, schema]): [string, Schema] => [
    name,
    required.includes(name) || schema['type'] === undefined ? schema : nullable(schema),
  ]);
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(properties),
    additionalProperties: others === 'ignored',
  };
}
