import { RootKey } from '#libs/crypto';
import { type ConsentAcceptance } from '#libs/domain';
import { ReadModel, findConsentRequest } from '#libs/read-model';
import { Body, Controller, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyReply } from 'fastify';
import { notFound } from '../../http/errors/admin-error.js';
import { Caller } from '../../http/caller.js';
import { type ApiGeneration } from '../generations/generation.js';
import { Generation } from '../generations/admin-operation.js';
import { Route } from '../../http/endpoint.js';
import { type RequestContext } from '../../http/request-context.js';
import { decodeBody, malformed } from '../wire/decode-body.js';
import { Challenge } from '../handshake/challenge.js';
import { contextOf } from '../handshake/context.js';
import { completedJson } from '../handshake/handshake-response.js';
import { RejectRequest, rejectionOf } from '../handshake/reject-request.js';
import { consentRequestJson } from '../handshake/consent-response.js';
import { AcceptConsent, RejectConsent } from '../../commands/consent.commands.js';
import { acceptConsentRequest, getConsentRequest, rejectConsentRequest } from './consent.operations.js';

/** Consent requests, as the consent app sees them (admin-api.md 2.16 to 2.18). */
@Controller()
export class ConsentController {
  constructor(
    private readonly commands: CommandBus,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
  ) {}

  @Route(...getConsentRequest)
  get(
    @Challenge('consent') challenge: string,
    @Generation() generation: ApiGeneration,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    const request = findConsentRequest(this.readModel.db, challenge);
    if (request === undefined) throw notFound();
    if (request.status === 'redeemed') return generation.usedRequest(request, reply);
    return consentRequestJson(request, generation);
  }

  @Route(...acceptConsentRequest)
  async accept(
    @Challenge('consent') challenge: string,
    @Body() text: string,
    @Caller() by: RequestContext,
    @Generation() generation: ApiGeneration,
  ): Promise<string> {
    const request = decodeBody(text, generation.acceptConsent, generation.unknownMembers);
    const acceptance: ConsentAcceptance = {
      grantScope: strings(request.grant_scope, 'grant_scope'),
      grantAudience: strings(request.grant_access_token_audience, 'grant_access_token_audience'),
      remember: request.remember,
      rememberForSeconds: request.remember_for,
      session: { accessToken: request.session.access_token, idToken: request.session.id_token },
      ...contextOf(request.context),
    };
    return this.decided(new AcceptConsent({ challenge, onceUsed: generation.decisionsOnceUsed }, acceptance, by));
  }

  @Route(...rejectConsentRequest)
  async reject(
    @Challenge('consent') challenge: string,
    @Body() text: string,
    @Caller() by: RequestContext,
    @Generation() generation: ApiGeneration,
  ): Promise<string> {
    const request = decodeBody(text, RejectRequest, generation.unknownMembers);
    const toDecide = { challenge, onceUsed: generation.decisionsOnceUsed };
    return this.decided(new RejectConsent(toDecide, rejectionOf(request), by));
  }

  /** Carries out a decision, and says where the browser takes it. */
  private async decided(decision: AcceptConsent | RejectConsent): Promise<string> {
    const request = await this.commands.execute(decision);
    return completedJson(request, { consent_verifier: this.root.verifier('consent', request.challenge) });
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
