import { RootKey } from '#libs/crypto';
import { oauthError } from '#libs/oauth2';
import { ReadModel, countConsentSessions, listConsentSessions } from '#libs/read-model';
import { Controller, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Clock } from '../../commands/clock.js';
import { EndSession } from '../../commands/session.commands.js';
import { Caller } from '../../http/caller.js';
import { type ApiGeneration } from '../generations/generation.js';
import { Generation } from '../generations/admin-operation.js';
import { type Query as QueryValues } from '../generations/pages.js';
import { queryValue } from '../../http/query-value.js';
import { type RequestContext } from '../../http/request-context.js';
import { consentSessionJson } from '../handshake/consent-response.js';
import { ConsentRevocation } from './consent-revocation.js';
import { RevokeSessions } from '../../commands/session.commands.js';
import { Route } from '../../http/endpoint.js';
import { listConsents, revokeConsents, revokeSessions } from './sessions.operations.js';

/** Consents and login sessions of a subject named in the query: v1.11, and below `/admin` v26.2 (admin-api.md 4). */
@Controller()
export class SessionsByQueryController {
  constructor(
    private readonly commands: CommandBus,
    private readonly clock: Clock,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
    private readonly revocation: ConsentRevocation,
  ) {}

  @Route(...listConsents)
  list(
    @Query() query: QueryValues,
    @Generation() generation: ApiGeneration,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    const subjectHash = this.root.subjectHash(requireValue(query, 'subject'));
    const page = generation.pageOf(query);
    const { db } = this.readModel;
    const loginSessionId = generation.loginSessionListed(query);
    const total = countConsentSessions(db, { subjectHash, loginSessionId });
    const sessions = listConsentSessions(db, { subjectHash, loginSessionId, now: this.clock.now(), ...page });
    generation.linkPages(reply, { url: request.url, page, total });
    return `[${sessions.map((session) => consentSessionJson(session, generation)).join(',')}]`;
  }

  /** Whether something was found or not, nothing is left afterwards: 204. */
  @Route(...revokeConsents)
  async revokeConsent(@Query() query: QueryValues, @Caller() by: RequestContext): Promise<void> {
    const subject = requireValue(query, 'subject');
    const client = queryValue(query, 'client');
    const all = isTrue(queryValue(query, 'all'));
    if (client === undefined && !all) {
      throw oauthError('invalid_request', 'One of the query parameters client and all=true is needed.');
    }
    await this.revocation.revoke(subject, client ?? null, by);
  }

  /** Of a subject; below `/admin` also the one that `sid` names. */
  @Route(...revokeSessions)
  async revokeSessions(
    @Query() query: QueryValues,
    @Generation() generation: ApiGeneration,
    @Caller() by: RequestContext,
  ): Promise<void> {
    const sessionId = generation.loginSessionRevoked(query);
    if (sessionId !== undefined) return void (await this.commands.execute(new EndSession(sessionId, 'revoked', by)));
    await this.commands.execute(new RevokeSessions(requireValue(query, 'subject'), by));
  }
}

function requireValue(query: QueryValues, name: string): string {
  const value = queryValue(query, name);
  if (value === undefined) throw oauthError('invalid_request', `The query parameter ${name} is missing.`);
  return value;
}

function isTrue(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}
