import { type JsonObject } from '#libs/domain';
import { IsArray, IsBoolean, IsInt, IsObject, IsOptional, IsRFC3339, Max, Min, ValidateNested } from 'class-validator';
import { maxRememberForSeconds } from './remember-for.js';

/** `ConsentRequestSession` (admin-api.md 3.11). */
export class ConsentSessionRequest {
  static readonly unknownMembers = 'reject';
  @IsObject() access_token: JsonObject = {};
  @IsObject() id_token: JsonObject = {};
}

/** `AcceptConsentRequest` (admin-api.md 3.9). Arrays may hold `null`: no box ticked in the sample app sends `[null]`. */
export class AcceptConsentRequest {
  static readonly unknownMembers = 'reject';
  static readonly nested = { session: ConsentSessionRequest };
  @IsArray() grant_scope: unknown[] = [];
  @IsArray() grant_access_token_audience: unknown[] = [];
  @ValidateNested() session = new ConsentSessionRequest();
  @IsBoolean() remember = false;
  @IsInt() @Min(-maxRememberForSeconds) @Max(maxRememberForSeconds) remember_for = 0;
  /** Only where the model has it. */
  declare readonly context?: unknown;
}

/** With what v1.11 may send as well; the server has its own time (admin-api.md 4.2). */
export class AcceptConsentRequestWithTime extends AcceptConsentRequest {
  @IsOptional() @IsRFC3339() handled_at: string | undefined = undefined;
}

/** With what may be sent as well since v2.2. */
export class AcceptConsentRequestWithContext extends AcceptConsentRequest {
  override readonly context: unknown = undefined;
}
