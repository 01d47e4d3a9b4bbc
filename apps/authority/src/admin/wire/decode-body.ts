import { oauthError } from '#libs/oauth2';
import { type ValidationError, validateSync } from 'class-validator';
import { duplicateMember, firstJsonValue } from './json.js';

/**
 * A request model. Its members are the own properties of a new instance, so each has an initial value: what it is when absent.
 * `unknownMembers` says what happens to others; `nested` names the members that are models themselves, `stringLists` those in which
 * an element `null` is an empty string, as in Go.
 */
export type BodyModel<Body extends object> = {
  new (): Body;
  readonly unknownMembers: 'ignore' | 'reject';
  readonly nested?: Readonly<Record<string, BodyModel<object>>>;
  readonly stringLists?: readonly string[];
};

/**
 * Decodes an Admin API body by the rules of admin-api.md 1.3: the first JSON value, members matched case-insensitively, `null`
 * as absent; then class-validator checks types and limits.
 *
 * @param unknownMembers what happens to members no model has, where it is not what the models say
 * @throws OAuthError `invalid_request` with the reason as debug text (admin-api.md 6)
 */
export function decodeBody<Body extends object>(
  text: string | Buffer | undefined,
  model: BodyModel<Body>,
  unknownMembers?: 'ignore' | 'reject',
): Body {
  const body = decodeModel(parse(text), model, { path: [], unknownMembers });
  const [error] = validateSync(body, { forbidUnknownValues: false, stopAtFirstError: true });
  if (error !== undefined) throw malformed(firstConstraint(error));
  return body;
}

/** Parses a body whose model the caller decodes (JSON Web Keys). One that says it is multipart comes as bytes, and is read as JSON too. */
export function parse(body: string | Buffer | undefined): unknown {
  const text = body?.toString();
  if (text === undefined || text.trim() === '') throw malformed('the body is empty');
  try {
    return firstJsonValue(text);
  } catch (error) {
    throw malformed(error instanceof RangeError ? error.message : 'the body is not JSON');
  }
}

/**
 * No JSON Web Key of a body may have a member twice: implementations differ in which one they take (RFC 7517 4).
 *
 * @param within the members that lead to the keys
 * @throws OAuthError `invalid_request`
 */
export function refuseDuplicateMembers(body: string | Buffer, within: readonly string[]): void {
  const name = duplicateMember(body.toString(), within);
  if (name !== undefined) throw malformed(`a key has the member ${JSON.stringify(name)} twice`);
}

/** What a body that cannot be used is answered with. */
export function malformed(reason: string): Error {
  return oauthError('invalid_request').withDebug(reason);
}

/** Where in the body a model stands, and what holds for all of it. */
type Place = { readonly path: readonly string[]; readonly unknownMembers: 'ignore' | 'reject' | undefined };

function decodeModel<Body extends object>(value: unknown, model: BodyModel<Body>, at: Place): Body {
  const { path, unknownMembers = model.unknownMembers } = at;
  const body = new model();
  if (value === null) return body;
  if (typeof value !== 'object' || Array.isArray(value))
    throw malformed(`${path.length === 0 ? 'the body' : path.join('.')} must be an object`);
  const names = Object.keys(body);
  for (const [sent, memberValue] of Object.entries(value)) {
    const name =
      names.find((known) => known === sent) ?? names.find((known) => known.toLowerCase() === sent.toLowerCase());
    if (name === undefined) {
      if (unknownMembers === 'reject') throw malformed(`unknown member ${JSON.stringify([...path, sent].join('.'))}`);
      continue;
    }
    if (memberValue === null) continue;
    const nested = model.nested?.[name];
    const isStringList = model.stringLists?.includes(name) === true;
    const decoded: unknown =
      nested === undefined ? memberValue : decodeModel(memberValue, nested, { ...at, path: [...path, name] });
    (body as Record<string, unknown>)[name] = isStringList ? withoutNull(decoded) : decoded;
  }
  return body;
}

function withoutNull(list: unknown): unknown {
  return Array.isArray(list) ? list.map((element: unknown) => element ?? '') : list;
}

function firstConstraint(error: ValidationError): string {
  const [child] = error.children ?? [];
  if (child !== undefined) return firstConstraint(child);
  return Object.values(error.constraints ?? {})[0] ?? `${error.property} is not valid`;
}
