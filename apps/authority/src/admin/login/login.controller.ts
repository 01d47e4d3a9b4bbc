import { RootKey } from '#libs/crypto';
import { oauthError } from '#libs/oauth2';
import { ReadModel, findLoginRequest } from '#libs/read-model';
import { Body, Controller, Get, Header, Param, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { IsBoolean, IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { alreadyUsed, notFound } from '../../errors/admin-error.js';
import { Caller } from '../../http/caller.js';
import { type RequestContext } from '../../http/request-context.js';
import { decodeBody } from '../body/decode-body.js';
import { completedJson, requestJson } from '../handshake/handshake-response.js';
import { maxRememberForSeconds } from '../handshake/remember-for.js';
import { RejectRequest, rejectionOf } from '../handshake/reject-request.js';
import { AcceptLogin, RejectLogin } from './login.commands.js';

/** `AcceptLoginRequest` (admin-api.md 3.8). */
class AcceptLoginRequest {
  static readonly unknownMembers = 'reject';
  @IsString() @MaxLength(255) subject = '';
  @IsBoolean() remember = false;
  @IsInt() @Min(-maxRememberForSeconds) @Max(maxRememberForSeconds) remember_for = 0;
  @IsString() acr = '';
  @IsString() force_subject_identifier = '';
}

/** Login requests, as the login app sees them (admin-api.md 2.13 to 2.15). */
@Controller('oauth2/auth/requests/login/:challenge')
export class LoginController {
  constructor(
    private readonly commands: CommandBus,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
  ) {}

  @Get()
  @Header('content-type', 'application/json')
  get(@Param('challenge') challenge: string): string {
    const request = findLoginRequest(this.readModel.db, challenge);
    if (request === undefined) throw notFound();
    if (request.status === 'redeemed') throw alreadyUsed();
    return requestJson(request, { session_id: request.sessionId });
  }

  @Put('accept')
  @Header('content-type', 'application/json')
  async accept(
    @Param('challenge') challenge: string,
    @Body() text: string,
    @Caller() by: RequestContext,
  ): Promise<string> {
    const request = decodeBody(text, AcceptLoginRequest);
    if (request.subject === '') throw oauthError('invalid_request').withDebug('subject must not be empty');
    const { subject, remember, acr } = request;
    const acceptance = {
      ...{ subject, remember, acr },
      rememberForSeconds: request.remember_for,
      forceSubjectIdentifier: request.force_subject_identifier,
    };
    await this.commands.execute(new AcceptLogin(challenge, acceptance, by));
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
    await this.commands.execute(new RejectLogin(challenge, rejectionOf(request), by));
    return this.completed(challenge);
  }

  private completed(challenge: string): string {
    const request = findLoginRequest(this.readModel.db, challenge);
    if (request === undefined) throw notFound();
    return completedJson(request, { login_verifier: this.root.verifier('login', challenge) });
  }
}
