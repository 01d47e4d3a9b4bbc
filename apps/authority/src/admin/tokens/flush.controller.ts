import { Body, Controller } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { IsOptional, IsRFC3339 } from 'class-validator';
import { FlushTokens } from '../../commands/retention.commands.js';
import { Caller } from '../../http/caller.js';
import { type RequestContext } from '../../http/request-context.js';
import { decodeBody, malformed } from '../wire/decode-body.js';
import { Route } from '../../http/endpoint.js';
import { flushTokens } from './tokens.operations.js';

/** What Go sends for a time that was not set. */
const zeroTime = Date.parse('0001-01-01T00:00:00Z');

/** `FlushInactiveOAuth2TokensRequest` (admin-api.md 3.15). */
class FlushRequest {
  static readonly unknownMembers = 'ignore';
  @IsOptional() @IsRFC3339() notAfter: string | undefined = undefined;
}

/** FlushInactiveOAuth2Tokens (admin-api.md 2.24). */
@Controller()
export class FlushController {
  constructor(private readonly commands: CommandBus) {}

  @Route(...flushTokens)
  async flush(@Body() text: string, @Caller() by: RequestContext): Promise<void> {
    const { notAfter } = decodeBody(text, FlushRequest);
    await this.commands.execute(new FlushTokens(instant(notAfter), by));
  }
}

function instant(notAfter: string | undefined): Date | null {
  if (notAfter === undefined) return null;
  const time = new Date(notAfter);
  if (Number.isNaN(time.getTime())) throw malformed('notAfter is not a date');
  return time.getTime() === zeroTime ? null : time;
}
