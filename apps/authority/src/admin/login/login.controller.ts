import { RootKey } from '#libs/crypto';
import { type LoginAcceptance, type LoginRemarks, login } from '#libs/domain';
import { oauthError } from '#libs/oauth2';
import { ReadModel, findLoginRequest } from '#libs/read-model';
import { Body, Controller, Get, Header, Put, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { IsArray, IsBoolean, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { type FastifyReply } from 'fastify';
import { CommandContext } from '../../commands/command-context.js';
import { notFound, repeatOfWhatIsGone } from '../../http/errors/admin-error.js';
import { Caller } from '../../http/caller.js';
import { ApiGeneration, type Generation } from '../generations/generation.js';
import { TakesIdempotencyKey } from '../../http/idempotency-key.js';
import { type RequestContext } from '../../http/request-context.js';
import { decodeBody } from '../wire/decode-body.js';
import { Challenge, handshakeRoutes } from '../handshake/challenge.js';
import { contextOf } from '../handshake/context.js';
import { unknownMembersIn, usedRequestAnswer } from '../handshake/handled-request.js';
import { completedJson, requestJson } from '../handshake/handshake-response.js';
import { RejectRequest, rejectionOf } from '../handshake/reject-request.js';
import { maxRememberForSeconds } from '../handshake/remember-for.js';
import { AcceptLogin, RejectLogin } from '../../commands/login.commands.js';

/** `AcceptLoginRequest` (admin-api.md 3.8). */
class AcceptLoginRequest {
  static readonly unknownMembers = 'reject';
  @IsString() @MaxLength(255) subject = '';
  @IsBoolean() remember = false;
  @IsInt() @Min(-maxRememberForSeconds) @Max(maxRememberForSeconds) remember_for = 0;
  @IsString() acr = '';
  @IsString() force_subject_identifier = '';
}

/** With what later generations may send as well (admin-api.md 4.2). */
class LaterAcceptLoginRequest extends AcceptLoginRequest {
  context: unknown = undefined;
  @IsOptional() @IsArray() @IsString({ each: true }) amr: string[] | undefined = undefined;
}

/** Login requests, as the login app sees them (admin-api.md 2.13 to 2.15). */
@Controller(handshakeRoutes('login'))
export class LoginController {
  constructor(
    private readonly commands: CommandBus,
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
  ) {}

  @Get()
  @Header('content-type', 'application/json')
  get(
    @Challenge('login') challenge: string,
    @ApiGeneration() generation: Generation,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    const request = findLoginRequest(this.readModel.db, challenge);
    if (request === undefined) throw notFound();
    if (request.status === 'redeemed') return usedRequestAnswer(request, generation, reply);
    return requestJson(request, generation, { session_id: request.sessionId });
  }

  @Put('accept')
  @TakesIdempotencyKey()
  @Header('content-type', 'application/json')
  async accept(
    @Challenge('login') challenge: string,
    @Body() text: string,
    @Caller() by: RequestContext,
    @ApiGeneration() generation: Generation,
  ): Promise<string> {
    const request = decodeBody(
      text,
      generation === 'rc.8' ? AcceptLoginRequest : LaterAcceptLoginRequest,
      unknownMembersIn(generation),
    );
    if (request.subject === '') throw oauthError('invalid_request').withDebug('subject must not be empty');
    const { subject, remember, acr } = request;
    const acceptance: LoginAcceptance = {
      ...{ subject, remember, acr },
      rememberForSeconds: request.remember_for,
      forceSubjectIdentifier: request.force_subject_identifier,
      ...(request instanceof LaterAcceptLoginRequest ? remarksOf(request) : {}),
    };
    return this.decided(new AcceptLogin(challenge, acceptance, by));
  }

  @Put('reject')
  @TakesIdempotencyKey()
  @Header('content-type', 'application/json')
  async reject(
    @Challenge('login') challenge: string,
    @Body() text: string,
    @Caller() by: RequestContext,
    @ApiGeneration() generation: Generation,
  ): Promise<string> {
    const request = decodeBody(text, RejectRequest, unknownMembersIn(generation));
    return this.decided(new RejectLogin(challenge, rejectionOf(request), by));
  }

  /** Carries out a decision, and says where the browser takes it. A repeat of one is not decided again. */
  private async decided(decision: AcceptLogin | RejectLogin): Promise<string> {
    const { challenge, by } = decision;
    const { repeated } = await this.context.once(login, challenge, by, () => this.commands.execute(decision));
    const request = findLoginRequest(this.readModel.db, challenge);
    if (request === undefined) throw repeated === true ? repeatOfWhatIsGone() : notFound();
    return completedJson(request, { login_verifier: this.root.verifier('login', challenge) });
  }
}

function remarksOf({ amr, context }: LaterAcceptLoginRequest): LoginRemarks {
  return { ...(amr === undefined ? {} : { amr }), ...contextOf(context) };
}
