import { RootKey } from '#libs/crypto';
import { type LoginAcceptance } from '#libs/domain';
import { oauthError } from '#libs/oauth2';
import { ReadModel, findLoginRequest } from '#libs/read-model';
import { Body, Controller, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyReply } from 'fastify';
import { notFound } from '../../http/errors/admin-error.js';
import { Caller } from '../../http/caller.js';
import { type ApiGeneration } from '../generations/generation.js';
import { Generation } from '../generations/admin-operation.js';
import { Route } from '../../http/endpoint.js';
import { type RequestContext } from '../../http/request-context.js';
import { decodeBody } from '../wire/decode-body.js';
import { remarksOf } from '../handshake/accept-login-request.js';
import { Challenge } from '../handshake/challenge.js';
import { completedJson, requestJson } from '../handshake/handshake-response.js';
import { RejectRequest, rejectionOf } from '../handshake/reject-request.js';
import { AcceptLogin, RejectLogin } from '../../commands/login.commands.js';
import { acceptLoginRequest, getLoginRequest, rejectLoginRequest } from './login.operations.js';

/** Login requests, as the login app sees them (admin-api.md 2.13 to 2.15). */
@Controller()
export class LoginController {
  constructor(
    private readonly commands: CommandBus,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
  ) {}

  @Route(...getLoginRequest)
  get(
    @Challenge('login') challenge: string,
    @Generation() generation: ApiGeneration,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    const request = findLoginRequest(this.readModel.db, challenge);
    if (request === undefined) throw notFound();
    if (request.status === 'redeemed') return generation.usedRequest(request, reply);
    return requestJson(request, generation, { session_id: request.sessionId });
  }

  @Route(...acceptLoginRequest)
  async accept(
    @Challenge('login') challenge: string,
    @Body() text: string,
    @Caller() by: RequestContext,
    @Generation() generation: ApiGeneration,
  ): Promise<string> {
    const request = decodeBody(text, generation.acceptLogin, generation.unknownMembers);
    if (request.subject === '') throw oauthError('invalid_request').withDebug('subject must not be empty');
    const { subject, remember, acr } = request;
    const acceptance: LoginAcceptance = {
      ...{ subject, remember, acr },
      rememberForSeconds: request.remember_for,
      forceSubjectIdentifier: request.force_subject_identifier,
      ...remarksOf(request),
    };
    return this.decided(new AcceptLogin(challenge, acceptance, by));
  }

  @Route(...rejectLoginRequest)
  async reject(
    @Challenge('login') challenge: string,
    @Body() text: string,
    @Caller() by: RequestContext,
    @Generation() generation: ApiGeneration,
  ): Promise<string> {
    const request = decodeBody(text, RejectRequest, generation.unknownMembers);
    return this.decided(new RejectLogin(challenge, rejectionOf(request), by));
  }

  /** Carries out a decision, and says where the browser takes it. */
  private async decided(decision: AcceptLogin | RejectLogin): Promise<string> {
    const request = await this.commands.execute(decision);
    return completedJson(request, { login_verifier: this.root.verifier('login', request.challenge) });
  }
}
