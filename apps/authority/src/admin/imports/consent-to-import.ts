import { type JsonObject } from '#libs/domain';
import {
  IsArray,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsRFC3339,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { type GrantedElsewhere } from '../../commands/import.commands.js';
import { ConsentSessionRequest } from '../handshake/accept-consent-request.js';
import { contextOf } from '../handshake/context.js';
import { maxRememberForSeconds } from '../handshake/remember-for.js';
import { malformed } from '../wire/decode-body.js';

/** `ConsentToImport`: with the names that the Admin API of Hydra has for the same. */
export class ConsentToImport {
  static readonly unknownMembers = 'reject';
  static readonly nested = { session: ConsentSessionRequest };
  @MaxLength(255) @IsNotEmpty() @IsString() challenge = '';
  @IsNotEmpty() @IsString() client_id = '';
  @MaxLength(255) @IsNotEmpty() @IsString() subject = '';
  @IsString() force_subject_identifier = '';
  @IsString() request_url = '';
  @IsString() login_challenge = '';
  @IsString() acr = '';
  @IsString({ each: true }) @IsArray() amr: string[] = [];
  @IsString({ each: true }) @IsArray() requested_scope: string[] = [];
  @IsString({ each: true }) @IsArray() requested_access_token_audience: string[] = [];
  @IsObject() oidc_context: JsonObject = {};
  @IsString({ each: true }) @IsArray() grant_scope: string[] = [];
  @IsString({ each: true }) @IsArray() grant_access_token_audience: string[] = [];
  @ValidateNested() session = new ConsentSessionRequest();
  @IsInt() @Min(-maxRememberForSeconds) @Max(maxRememberForSeconds) remember_for = 0;
  @IsRFC3339() requested_at = '';
  @IsRFC3339() handled_at = '';
  @IsRFC3339() @IsOptional() authenticated_at: string | null = null;
  readonly context: unknown = undefined;
}

/** @throws OAuthError `invalid_request` for a time that no calendar has */
export function grantedElsewhere(sent: ConsentToImport): GrantedElsewhere {
  const { access_token: accessToken, id_token: idToken } = sent.session;
  const requestedAt = instant('requested_at', sent.requested_at);
  const { authenticated_at: authenticatedAt, amr } = sent;
  return {
    ...{ challenge: sent.challenge, clientId: sent.client_id, subject: sent.subject },
    forcedIdentifier: sent.force_subject_identifier,
    requestedScope: sent.requested_scope,
    requestedAudience: sent.requested_access_token_audience,
    requestedAt,
    acceptedAt: instant('handled_at', sent.handled_at),
    authenticatedAt: authenticatedAt === null ? requestedAt : instant('authenticated_at', authenticatedAt),
    asked: {
      ...{ requestUrl: sent.request_url, oidcContext: sent.oidc_context, acr: sent.acr },
      loginChallenge: sent.login_challenge,
      ...(amr.length === 0 ? {} : { amr }),
      ...contextOf(sent.context),
    },
    accepted: {
      ...{ grantScope: sent.grant_scope, grantAudience: sent.grant_access_token_audience },
      ...{ remember: true, rememberForSeconds: sent.remember_for, session: { accessToken, idToken } },
    },
  };
}

function instant(member: string, text: string): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw malformed(`${member} must be a time`);
  return at.toISOString();
}
