import { RootKey } from '#libs/crypto';
import { type ConsentAcceptance, type JsonObject, consent } from '#libs/domain';
import { ReadModel, findConsentRequest } from '#libs/read-model';
import { Body, Controller, Get, Header, Put, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { IsArray, IsBoolean, IsInt, IsObject, IsOptional, IsRFC3339, Max, Min, ValidateNested } from 'class-validator';
import { type FastifyReply } from 'fastify';
import { CommandContext } from '../../commands/command-context.js';
import { notFound, repeatOfWhatIsGone } from '../../http/errors/admin-error.js';
import { Caller } from '../../http/caller.js';
import { ApiGeneration, type Generation } from '../generations/generation.js';
import { TakesIdempotencyKey } from '../../http/idempotency-key.js';
import { type RequestContext } from '../../http/request-context.js';
import { type BodyModel, decodeBody, malformed } from '../wire/decode-body.js';
import { Challenge, handshakeRoutes } from '../handshake/challenge.js';
import { contextOf } from '../handshake/context.js';
import { refuseUsedConsent, unknownMembersIn, usedRequestAnswer } from '../handshake/handled-request.js';
import { completedJson } from '../handshake/handshake-response.js';
import { RejectRequest, rejectionOf } from '../handshake/reject-request.js';
import { maxRememberForSeconds } from '../handshake/remember-for.js';
import { consentRequestJson } from '../handshake/consent-response.js';
import { AcceptConsent, RejectConsent } from '../../commands/consent.commands.js';

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

/** With what v1.11 may send as well; the server has its own time (admin-api.md 4.2). */
class LaterAcceptConsentRequest extends AcceptConsentRequest {
  @IsOptional() @IsRFC3339() handled_at: string | undefined = undefined;
}

/** And from v2.2 on. */
class LatestAcceptConsentRequest extends AcceptConsentRequest {
  context: unknown = undefined;
}

const acceptModels = {
  'rc.8': AcceptConsentRequest,
  'v1.11': LaterAcceptConsentRequest,
  'v26.2': LatestAcceptConsentRequest,
} as const;

/** Consent requests, as the consent app sees them (admin-api.md 2.16 to 2.18). */
@Controller(handshakeRoutes('consent'))
export class ConsentController {
  constructor(
    private readonly commands: CommandBus,
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
  ) {}

  @Get()
  @Header('content-type', 'application/json')
  get(
    @Challenge('consent') challenge: string,
    @ApiGeneration() generation: Generation,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    const request = findConsentRequest(this.readModel.db, challenge);
    if (request === undefined) throw notFound();
    if (request.status === 'redeemed') return usedRequestAnswer(request, generation, reply);
    return consentRequestJson(request, generation);
  }

  @Put('accept')
  @TakesIdempotencyKey()
  @Header('content-type', 'application/json')
  async accept(
    @Challenge('consent') challenge: string,
    @Body() text: string,
    @Caller() by: RequestContext,
    @ApiGeneration() generation: Generation,
  ): Promise<string> {
    const model: BodyModel<AcceptConsentRequest> = acceptModels[generation];
    const request = decodeBody(text, model, unknownMembersIn(generation));
    const acceptance: ConsentAcceptance = {
      grantScope: strings(request.grant_scope, 'grant_scope'),
      grantAudience: strings(request.grant_access_token_audience, 'grant_access_token_audience'),
      remember: request.remember,
      rememberForSeconds: request.remember_for,
      session: { accessToken: request.session.access_token, idToken: request.session.id_token },
      ...(request instanceof LatestAcceptConsentRequest ? contextOf(request.context) : {}),
    };
    return this.decided(new AcceptConsent(challenge, acceptance, by), generation);
  }

  @Put('reject')
  @TakesIdempotencyKey()
  @Header('content-type', 'application/json')
  async reject(
    @Challenge('consent') challenge: string,
    @Body() text: string,
    @Caller() by: RequestContext,
    @ApiGeneration() generation: Generation,
  ): Promise<string> {
    const request = decodeBody(text, RejectRequest, unknownMembersIn(generation));
    return this.decided(new RejectConsent(challenge, rejectionOf(request), by), generation);
  }

  /** Carries out a decision, and says where the browser takes it. A repeat of one is not decided again. */
  private async decided(decision: AcceptConsent | RejectConsent, generation: Generation): Promise<string> {
    const { challenge, by } = decision;
    const { repeated } = await this.context.once(consent, challenge, by, async () => {
      refuseUsedConsent(findConsentRequest(this.readModel.db, challenge), generation);
      return this.commands.execute(decision);
    });
    const request = findConsentRequest(this.readModel.db, challenge);
    if (request === undefined) throw repeated === true ? repeatOfWhatIsGone() : notFound();
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
