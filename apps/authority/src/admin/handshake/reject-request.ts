import { type Rejection } from '#libs/domain';
import { IsInt, IsString, Max, Min } from 'class-validator';

/** `RejectRequest` (admin-api.md 3.10), of login and consent requests alike. */
export class RejectRequest {
  static readonly unknownMembers = 'reject';
  @IsString() error = '';
  @IsString() error_description = '';
  @IsString() error_hint = '';
  @IsInt() @Min(-2_147_483_648) @Max(2_147_483_647) status_code = 0;
  @IsString() error_debug = '';
}

/** The rejection as it is recorded. */
export function rejectionOf(request: RejectRequest): Rejection {
  return {
    error: request.error,
    errorDescription: request.error_description,
    errorHint: request.error_hint,
    errorDebug: request.error_debug,
    statusCode: request.status_code,
  };
}
