import { parseJwk } from '#libs/crypto';
import { type ClientRegistration, type JsonObject } from '#libs/domain';
import { IsArray, IsInt, IsObject, IsOptional, IsRFC3339, IsString, MaxLength } from 'class-validator';
import { type BodyModel, malformed } from '../wire/decode-body.js';
import { type ApiGeneration } from '../generations/generation.js';

const arrayMembers = [
  'redirect_uris',
  'grant_types',
  'response_types',
  'audience',
  'allowed_cors_origins',
  'contacts',
] as const satisfies readonly (keyof ClientRegistration)[];

/** `OAuth2Client` as sent to create or update one (admin-api.md 3.1). Arrays are `null` when absent, as they are echoed. */
export class ClientRequest {
  static readonly unknownMembers = 'ignore';
  static readonly stringLists = [...arrayMembers, 'request_uris'];

  @IsString() @MaxLength(255) client_id = '';
  @IsString() client_name = '';
  @IsString() client_secret = '';
  /** Ours (docs/adr/0008): the bcrypt hash of a secret registered elsewhere. Never shown again. */
  @IsString() client_secret_hash = '';
  @IsOptional() @IsArray() @IsString({ each: true }) redirect_uris: string[] | null = null;
  @IsOptional() @IsArray() @IsString({ each: true }) grant_types: string[] | null = null;
  @IsOptional() @IsArray() @IsString({ each: true }) response_types: string[] | null = null;
  @IsString() scope = '';
  @IsOptional() @IsArray() @IsString({ each: true }) audience: string[] | null = null;
  @IsString() owner = '';
  @IsString() policy_uri = '';
  @IsOptional() @IsArray() @IsString({ each: true }) allowed_cors_origins: string[] | null = null;
  @IsString() tos_uri = '';
  @IsString() client_uri = '';
  @IsString() logo_uri = '';
  @IsOptional() @IsArray() @IsString({ each: true }) contacts: string[] | null = null;
  @IsInt() client_secret_expires_at = 0;
  @IsString() @MaxLength(15) subject_type = '';
  @IsString() sector_identifier_uri = '';
  @IsString() jwks_uri = '';
  @IsOptional() @IsObject() jwks: JsonObject | undefined = undefined;
  @IsString() @MaxLength(25) token_endpoint_auth_method = '';
  @IsOptional() @IsArray() @IsString({ each: true }) request_uris: string[] | null = null;
  @IsString() @MaxLength(10) request_object_signing_alg = '';
  @IsString() @MaxLength(10) userinfo_signed_response_alg = '';
  @IsOptional() @IsRFC3339() created_at: string | undefined = undefined;
  @IsOptional() @IsRFC3339() updated_at: string | undefined = undefined;
  /** Only where the model of a later generation has it. */
  declare readonly metadata?: JsonObject;
}

/** `OAuth2Client` as later generations send it: what they keep with a client is an object of theirs (admin-api.md 4.2). */
class LaterClientRequest extends ClientRequest {
  @IsObject() override readonly metadata: JsonObject = {};
}

/** The model of a generation's `OAuth2Client`; the paths of rc.8 do not know `metadata`. */
export function clientModel(generation: ApiGeneration): BodyModel<ClientRequest> {
  return generation.clientsHaveMetadata ? LaterClientRequest : ClientRequest;
}

/** The arrays the request left out: answers that echo a request have `null` for them (admin-api.md 1.4). */
export function absentArrays(request: ClientRequest): string[] {
  return arrayMembers.filter((member) => request[member] === null);
}

/**
 * The client's keys by value, parsed; `{}` gives `keys: null`. Private members do not belong in a registration and are dropped
 * with the unknown ones.
 *
 * @throws CryptoError `invalid_jwk`
 */
export function parseClientKeys(jwks: JsonObject): { keys: JsonObject[] | null } {
  const [, keys] = Object.entries(jwks).findLast(([name]) => name.toLowerCase() === 'keys') ?? [];
  if (keys === undefined || keys === null) return { keys: null };
  if (!Array.isArray(keys)) throw malformed('jwks.keys must be an array');
  return { keys: keys.map((key) => parseJwk(key) as JsonObject) };
}
