import { RootKey } from '#libs/crypto';
import { type JsonObject } from '#libs/domain';
import { ReadModel, findConsentRequest } from '#libs/read-model';
import { Body, Controller, Get, Header, Param, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { IsArray, IsBoolean, IsInt, IsObject, Max, Min, ValidateNested } from 'class-validator';
import { alreadyUsed, notFound } from '../../errors/admin-error.js';
import { Caller } from '../../http/caller.js';
import { type RequestContext } from '../../http/request-context.js';
import { decodeBody, malformed } from '../body/decode-body.js';
import { completedJson } from '../handshake/handshake-response.js';
import { maxRememberForSeconds } from '../handshake/remember-for.js';
import { RejectRequest, rejectionOf } from '../handshake/reject-request.js';
import { AcceptConsent, RejectConsent } from './consent.commands.js';
import { consentRequestJson } from './consent-response.js';

/** `ConsentRequestSession` (admin-api.md 3.11). */
class ConsentSessionRequest {
  static readonly unknownMembers = 'reject';
  @IsObject() access_token: JsonObject = {};
  @IsObject() id_token: JsonObject = {};
}

/** `AcceptConsentRequest` (admin-api.md 3.9). Arrays may hold `null`: no box ticked in the sample app sends `[null]`. */
class AcceptConsentRequest {
  static readonly unknownMembers = 'reject';
  static readonly nested = { session: ConsentSessionRequest };
  @IsArray() grant_scope: unknown[] = [];
  @IsArray() grant_access_token_audience: unknown[] = [];
  @ValidateNested() session = new ConsentSessionRequest();
  @IsBoolean() remember = false;
  @IsInt() @Min(-maxRememberForSeconds) @Max(maxRememberForSeconds) remember_for = 0;
}

/** Consent requests, as the consent app sees them (admin-api.md 2.16 to 2.18). */
@Controller('oauth2/auth/requests/consent/:challenge')
export class ConsentController {
  constructor(
    private readonly commands: CommandBus,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
  ) {}

  @Get()
  @Header('content-type', 'application/json')
  get(@Param('challenge') challenge: string): string {
    const request = findConsentRequest(this.readModel.db, challenge);
    if (request === undefined) throw notFound();
    if (request.status === 'redeemed') throw alreadyUsed();
    return consentRequestJson(request);
  }

  @Put('accept')
  @Header('content-type', 'application/json')
  async accept(
    @Param('challenge') challenge: string,
    @Body() text: string,
    @Caller() by: RequestContext,
  ): Promise<string> {
    const request = decodeBody(text, AcceptConsentRequest);
    const acceptance = {
      grantScope: strings(request.grant_scope, 'grant_scope'),
      grantAudience: strings(request.grant_access_token_audience, 'grant_access_token_audience'),
      remember: request.remember,
      rememberForSeconds: request.remember_for,
      session: { accessToken: request.session.access_token, idToken: request.session.id_token },
    };
    await this.commands.execute(new AcceptConsent(challenge, acceptance, by));
    return this.completed(challenge);
  }

  @Put('reject')
  @Header('content-type', 'application/json')
  async reject(
    @Param('challenge') challenge: string,
    @Body() text: string,
    @Caller() by: RequestContext,
  ): Promise<string> {
    const request = decodeBody(text, RejectRequest);
    await this.commands.execute(new RejectConsent(challenge, rejectionOf(request), by));
    return this.completed(challenge);
  }

  private completed(challenge: string): string {
    const request = findConsentRequest(this.readModel.db, challenge);
    if (request === undefined) throw notFound();
    return completedJson(request, { consent_verifier: this.root.verifier('consent', challenge) });
  }
}

/** `null` elements are what Go makes of them, empty strings, and grant nothing: they are left out. */
function strings(values: readonly unknown[], member: string): string[] {
  return values.flatMap((value) => {
    if (value === null || value === '') return [];
    if (typeof value !== 'string') throw malformed(`each value in ${member} must be a string`);
    return [value];
  });
}
