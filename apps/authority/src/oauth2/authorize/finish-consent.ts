import { RootKey } from '#libs/crypto';
import { consent } from '#libs/domain';
import { EventLog, findState } from '#libs/event-store';
import { successRedirect } from '#libs/oauth2';
import { ReadModel, findConsentByVerifier } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { FinishConsent } from '../../commands/consent.commands.js';
import { Configuration } from '../../config/configuration.js';
import { type AuthorizeCall, AuthorizeCalls, type NextStep } from './authorize-call.js';
import { reportingTo } from './authorize-error.js';

/** The third call: redeem the consent verifier and send the browser to the client with a code (oauth2-flows.md 2.8). */
@Injectable()
export class FinishConsentStep {
  constructor(
    private readonly commands: CommandBus,
    private readonly log: EventLog,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
    private readonly calls: AuthorizeCalls,
    private readonly configuration: Configuration,
  ) {}

  /** @throws AuthorizeError */
  async take(call: AuthorizeCall, verifier: string): Promise<NextStep> {
    const found = findConsentByVerifier(this.readModel.db, this.root.secretValueHash(verifier));
    if (!found?.alive) {
      call.by.detail =
        found === undefined ? 'no consent was decided with this verifier' : 'the consent, or its client, is gone';
      this.calls.refuseVerifier(call);
    }
    const state = await findState(this.log, consent, found.challenge);
    if (state === undefined || state.status === 'none') this.calls.refuseVerifier(call);
    const { request, state: sent } = state.requested;
    return reportingTo(this.calls.targetOf(call, state.requested), async () => {
      const csrfHash = call.browser.csrfHash('oauth2_consent_csrf');
      const { code, scope } = await this.commands.execute(new FinishConsent(found.challenge, csrfHash, call.by));
      const { issuer } = this.configuration;
      return { redirectTo: successRedirect(request.redirectUri, { code, scope, state: sent, issuer }), changes: [] };
    });
  }
}
