import { RootKey } from '#libs/crypto';
import { type LoginAcceptance } from '#libs/domain';
import { oauthError } from '#libs/oauth2';
import { ReadModel } from '#libs/read-model';
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
import { type LoginChallenge, LoginRequests } from '../../commands/login-requests.js';
import { acceptLoginRequest, getLoginRequest, rejectLoginRequest } from './login.operations.js';

/** Login requests, as the login app sees them (admin-api.md 2.13 to 2.15). */
@Controller()
export class LoginController {
  constructor(
    private readonly commands: CommandBus,
    private readonly requests: LoginRequests,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
  ) {}

  @Route(...getLoginRequest)
  async get(
    @Challenge('login') text: string,
    @Generation() generation: ApiGeneration,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const request = this.requests.find(await this.challengeOf(text))?.shown;
    if (request === undefined) throw notFound();
    if (request.status === 'redeemed') return generation.usedRequest(request, reply);
    return requestJson(request, generation, { session_id: request.sessionId });
  }

  @Route(...acceptLoginRequest)
  async accept(
    @Challenge('login') text: string,
    @Body() body: string,
    @Caller() by: RequestContext,
    @Generation() generation: ApiGeneration,
  ): Promise<string> {
    const request = decodeBody(body, generation.acceptLogin, generation.unknownMembers);
    if (request.subject === '') throw oauthError('invalid_request').withDebug('subject must not be empty');
    const { subject, remember, acr } = request;
    const acceptance: LoginAcceptance = {
      ...{ subject, remember, acr },
      rememberForSeconds: request.remember_for,
      forceSubjectIdentifier: request.force_subject_identifier,
      ...remarksOf(request),
    };
    return this.decided(new AcceptLogin(await this.challengeOf(text), acceptance, by));
  }

  @Route(...rejectLoginRequest)
  async reject(
    @Challenge('login') text: string,
    @Body() body: string,
    @Caller() by: RequestContext,
    @Generation() generation: ApiGeneration,
  ): Promise<string> {
    const request = decodeBody(body, RejectRequest, generation.unknownMembers);
    return this.decided(new RejectLogin(await this.challengeOf(text), rejectionOf(request), by));
  }

  /** Carries out a decision, and says where the browser takes it. */
  private async decided(decision: AcceptLogin | RejectLogin): Promise<string> {
    const request = await this.commands.execute(decision);
    return completedJson(request, { login_verifier: this.root.verifier('login', request.id) });
  }

  /**
   * What is no challenge of ours is refused before the log is asked anything; for others the read model catches up.
   *
   * @throws AdminError 404 | ReadModelBehindError
   */
  private async challengeOf(text: string): Promise<LoginChallenge> {
    const challenge = this.requests.read(text);
    if (challenge === undefined) throw notFound();
    await this.readModel.catchUp();
    return challenge;
  }
}
