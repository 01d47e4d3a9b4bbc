import { type LoginRemarks } from '#libs/domain';
import { IsArray, IsBoolean, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { contextOf } from './context.js';
import { maxRememberForSeconds } from './remember-for.js';

/** `AcceptLoginRequest` (admin-api.md 3.8). */
export class AcceptLoginRequest {
  static readonly unknownMembers = 'reject';
  @IsString() @MaxLength(255) subject = '';
  @IsBoolean() remember = false;
  @IsInt() @Min(-maxRememberForSeconds) @Max(maxRememberForSeconds) remember_for = 0;
  @IsString() acr = '';
  @IsString() force_subject_identifier = '';
  /** Only where the model has them. */
  declare readonly context?: unknown;
  declare readonly amr?: string[] | undefined;
}

/** With what may be sent as well since v1.11 (admin-api.md 4.2). */
export class AcceptLoginRequestWithRemarks extends AcceptLoginRequest {
  override readonly context: unknown = undefined;
  @IsOptional() @IsArray() @IsString({ each: true }) override readonly amr: string[] | undefined = undefined;
}

/** What the login app says of a login beyond who it is, as it is recorded. @throws OAuthError as `contextOf` */
export function remarksOf({ amr, context }: AcceptLoginRequest): LoginRemarks {
  return { ...(amr === undefined ? {} : { amr }), ...contextOf(context) };
}
