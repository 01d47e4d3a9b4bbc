import { type JsonObject } from '#libs/domain';
import { readFileSync } from 'node:fs';

/** The JSON Schema of a published type's data. */
export function contractSchema(type: string): JsonObject {
  const file = `libs/fan-out/schemas/${type.replace(/^hydrant\./, '')}.json`;
  return JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
}
