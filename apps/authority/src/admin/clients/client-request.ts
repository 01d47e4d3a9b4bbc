import { hasPrivatePart, parseJwk } from '#libs/crypto';
import { type ClientExtension, type JsonObject } from '#libs/domain';
import {
  type ClientMember,
  type ClientMemberName,
  type MemberKind,
  clientMemberList,
  type clientMembers,
  oauthError,
} from '#libs/oauth2';
import { IsArray, IsInt, IsObject, IsOptional, IsRFC3339, IsString, MaxLength } from 'class-validator';
import { type ApiGeneration } from '../generations/generation.js';
import { type BodyModel, decodeBody, malformed, refuseDuplicateMembers } from '../wire/decode-body.js';

/** What a member is decoded to, by its kind; what is not a text or number is `null` when absent. */
type Decoded = {
  readonly string: string;
  readonly strings: string[] | null;
  readonly object: JsonObject | null;
  readonly integer: number;
  readonly timestamp: string | null;
};
const absent: Decoded = { string: '', strings: null, object: null, integer: 0, timestamp: null };

/** What is checked of a member, by its kind. The first constraint is the one that a refusal tells, after that of its length. */
const constraints: Readonly<Record<MemberKind, readonly PropertyDecorator[]>> = {
  string: [IsString()],
  strings: [IsString({ each: true }), IsArray(), IsOptional()],
  object: [IsObject(), IsOptional()],
  integer: [IsInt()],
  timestamp: [IsRFC3339(), IsOptional()],
};

type DecodedMembers<Name extends ClientMemberName> = {
  readonly [Member in Name]: Decoded[(typeof clientMembers)[Member]['kind']];
};

/** `OAuth2Client` as sent to create or update one (admin-api.md 3.1). Extensions are there where the model has them. */
export type ClientRequest = DecodedMembers<Exclude<ClientMemberName, keyof ClientExtension>> &
  Partial<DecodedMembers<keyof ClientExtension>>;

type NamedMember = ClientMember & { readonly name: ClientMemberName };

export const ClientRequest = modelOf(clientMemberList.filter(({ extension }) => extension !== true));

/** `OAuth2Client` as later generations send it, with the members that they brought (admin-api.md 4.2). */
const ExtendedClientRequest = modelOf(
  clientMemberList.filter(({ extension }) => extension === true),
  ClientRequest,
);

/** A model of these members, besides those of `base`. */
function modelOf(members: readonly NamedMember[], base: new () => object = Object): BodyModel<ClientRequest> {
  const initial = Object.fromEntries(members.map(({ name, kind }) => [name, absent[kind]]));
  class Model extends base {
    static readonly unknownMembers = 'ignore';
    static readonly stringLists = clientMemberList.filter(({ kind }) => kind === 'strings').map(({ name }) => name);

    constructor() {
      super();
      Object.assign(this, initial);
    }
  }
  for (const { name, kind, maxLength } of members) {
    if (maxLength !== undefined) MaxLength(maxLength)(Model.prototype, name);
    for (const constrain of constraints[kind]) constrain(Model.prototype, name);
  }
  return Model as BodyModel<object> as BodyModel<ClientRequest>; // `absent` has what each member is
}

/**
 * Decodes a client that is to be created, or to replace another, with the members that the generation has.
 *
 * @throws OAuthError `invalid_request`
 */
export function decodeClient(text: string, { clientsAreExtended }: ApiGeneration): ClientRequest {
  const request = decodeBody(text, clientsAreExtended ? ExtendedClientRequest : ClientRequest);
  if (request.jwks !== null) refuseDuplicateMembers(text, ['jwks', 'keys']);
  return request;
}

/** The lists the request left out: answers that echo a request have `null` for them (admin-api.md 1.4). */
export function absentArrays(request: ClientRequest): string[] {
  return clientMemberList
    .filter(({ name, echoesAbsence }) => echoesAbsence === true && request[name] === null)
    .map(({ name }) => name);
}

/**
 * The client's keys by value, parsed; `{}` gives `keys: null`.
 *
 * @throws CryptoError `invalid_jwk`
 * @throws OAuthError `invalid_request` for a key that is not public: what a registration holds is shown to whoever reads it
 */
export function parseClientKeys(jwks: JsonObject): { keys: JsonObject[] | null } {
  const [, keys] = Object.entries(jwks).findLast(([name]) => name.toLowerCase() === 'keys') ?? [];
  if (keys === undefined || keys === null) return { keys: null };
  if (!Array.isArray(keys)) throw malformed('jwks.keys must be an array');
  return { keys: keys.map(publicKeyOf) };
}

function publicKeyOf(input: unknown): JsonObject {
  const key = parseJwk(input);
  if (!hasPrivatePart(key)) return key;
  throw oauthError('invalid_request', 'jwks must hold public keys alone: no private members, and no key of kty oct.');
}
