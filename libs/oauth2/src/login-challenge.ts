import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { parseAuthorizeParameters } from './authorize-parameters.js';
import { parameter } from './form-encoding.js';

/** What a login challenge holds: what cannot be derived from the query any more, and the query. */
export type LoginChallengeContent = {
  readonly clientIncarnation: number;
  readonly requestedAt: Date;
  /** base64url of 32 bytes. */
  readonly csrfHash: string;
  /** The remembered login the request rests on; never whose it is. */
  readonly sessionId: string | null;
  readonly redirectUri: string;
  /** An `id_token_hint` was sent and verified. */
  readonly hintVerified: boolean;
  readonly rawQuery: string;
};

/** A longer query is not compressed at all: no browser could come back with it, and inflating has a bound. */
const maxQueryBytes = 16_384;
/** Enough for what is repeated in a query, and little to set up: this is done for every stranger who asks. */
const compression = { level: 9, windowBits: 12, memLevel: 5 } as const;

/** What most queries are made of. The version of the challenge names it: another text is another version. */
const dictionary = Buffer.from(
  'id_token_hint=&login_hint=&ui_locales=&display=page&acr_values=&max_age=&prompt=login&prompt=consent&prompt=none' +
    '&audience=https%3A%2F%2F&nonce=&code_challenge_method=S256&code_challenge=' +
    '&redirect_uri=http%3A%2F%2Flocalhost%3A&redirect_uri=https%3A%2F%2F.com%2Fcallback' +
    '&scope=openid%20profile%20email%20offline_access&scope=openid+profile+email+offline' +
    '&response_type=code&state=&client_id=',
);

const hintVerifiedFlag = 1;
const sessionFlag = 2;
const hashLength = 32;
const fixedLength = 1 + 4 + 6 + hashLength + 1 + 2;

/**
 * Writes the content: flags, incarnation, time, hash, the lengths of session id and redirect URI, both, and the query. Only the query is
 * compressed: beside the secrets it would give them away by its length. A redirect URI that the query names is not written twice.
 *
 * @returns `undefined` for a query of more than 16,384 bytes
 */
export function encodeLoginChallenge(content: LoginChallengeContent): Buffer | undefined {
  const query = Buffer.from(content.rawQuery);
  if (query.length > maxQueryBytes) return undefined;
  const sessionId = Buffer.from(content.sessionId ?? '');
  const redirectUri = Buffer.from(content.redirectUri === sentRedirectUri(content) ? '' : content.redirectUri);
  if (sessionId.length > 0xff || redirectUri.length > 0xffff) return undefined;
  const fixed = Buffer.alloc(fixedLength);
  fixed.writeUInt8((content.hintVerified ? hintVerifiedFlag : 0) | (content.sessionId === null ? 0 : sessionFlag), 0);
  fixed.writeUInt32BE(content.clientIncarnation, 1);
  fixed.writeUIntBE(content.requestedAt.getTime(), 5, 6);
  fixed.write(content.csrfHash, 11, 'base64url');
  fixed.writeUInt8(sessionId.length, 11 + hashLength);
  fixed.writeUInt16BE(redirectUri.length, 12 + hashLength);
  return Buffer.concat([fixed, sessionId, redirectUri, deflateRawSync(query, { ...compression, dictionary })]);
}

/** Reads what `encodeLoginChallenge` wrote; to be called with nothing else, which an authenticated challenge makes sure. */
export function decodeLoginChallenge(bytes: Buffer): LoginChallengeContent {
  const flags = bytes.readUInt8(0);
  const redirectUriAt = fixedLength + bytes.readUInt8(11 + hashLength);
  const queryAt = redirectUriAt + bytes.readUInt16BE(12 + hashLength);
  const sessionId = bytes.toString('utf8', fixedLength, redirectUriAt);
  const redirectUri = bytes.toString('utf8', redirectUriAt, queryAt);
  const inflation = { dictionary, windowBits: compression.windowBits, maxOutputLength: maxQueryBytes };
  const rawQuery = inflateRawSync(bytes.subarray(queryAt), inflation).toString();
  return {
    clientIncarnation: bytes.readUInt32BE(1),
    requestedAt: new Date(bytes.readUIntBE(5, 6)),
    csrfHash: bytes.toString('base64url', 11, 11 + hashLength),
    sessionId: (flags & sessionFlag) === 0 ? null : sessionId,
    redirectUri: queryAt === redirectUriAt ? (sentRedirectUri({ rawQuery }) ?? '') : redirectUri,
    hintVerified: (flags & hintVerifiedFlag) !== 0,
    rawQuery,
  };
}

function sentRedirectUri({ rawQuery }: Pick<LoginChallengeContent, 'rawQuery'>): string | undefined {
  return parameter(parseAuthorizeParameters(rawQuery, undefined).values, 'redirect_uri');
}
