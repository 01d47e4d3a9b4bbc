import { RootKey } from '#libs/crypto';
import { pagination } from '#libs/oauth2';
import { ReadModel, listConsentSessions } from '#libs/read-model';
import { Controller, Param, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Clock } from '../../commands/clock.js';
import { notFound } from '../../http/errors/admin-error.js';
import { Caller } from '../../http/caller.js';
import { type RequestContext } from '../../http/request-context.js';
import { rc8 } from '../generations/rc8.js';
import { consentSessionJson } from '../handshake/consent-response.js';
import { ConsentRevocation } from './consent-revocation.js';
import { RevokeSessions } from '../../commands/session.commands.js';
import { Route } from '../../http/endpoint.js';
import {
  listConsentsOfUser,
  revokeConsentOfUser,
  revokeConsentsOfUser,
  revokeSessionsOfUser,
} from './sessions.operations.js';

/** Consents and login sessions of a subject (admin-api.md 2.19 to 2.22). Revocations go through even when reads cannot catch up. */
@Controller()
export class SessionsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly clock: Clock,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
    private readonly revocation: ConsentRevocation,
  ) {}

  @Route(...listConsentsOfUser)
  list(@Param('user') user: string, @Query() query: Record<string, string>): string {
    const subjectHash = this.root.subjectHash(user);
    const sessions = listConsentSessions(this.readModel.db, {
      subjectHash,
      now: this.clock.now(),
      ...pagination(query),
    });
    return `[${sessions.map((session) => consentSessionJson(session, rc8)).join(',')}]`;
  }

  @Route(...revokeConsentsOfUser)
  async revokeAll(@Param('user') user: string, @Caller() by: RequestContext): Promise<void> {
    await this.revoke(user, null, by);
  }

  @Route(...revokeConsentOfUser)
  async revokeOne(
    @Param('user') user: string,
    @Param('client') clientId: string,
    @Caller() by: RequestContext,
  ): Promise<void> {
    await this.revoke(user, clientId, by);
  }

  @Route(...revokeSessionsOfUser)
  async revokeSessions(@Param('user') user: string, @Caller() by: RequestContext): Promise<void> {
    await this.commands.execute(new RevokeSessions(user, by));
  }

  private async revoke(user: string, clientId: string | null, by: RequestContext): Promise<void> {
    if ((await this.revocation.revoke(user, clientId, by)) === 'nothing found') throw notFound();
  }
}
