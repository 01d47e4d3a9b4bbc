import { RootKey } from '#libs/crypto';
import { type LoginRequest, login } from '#libs/domain';
import { EventLog, findState } from '#libs/event-store';
import { withParameters } from '#libs/oauth2';
import { ReadModel, findLoginByVerifier } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { FinishLogin, type LoginMemory } from '../../commands/login.commands.js';
import { Configuration } from '../../config/configuration.js';
import { type BrowserChange } from '../browser.js';
import { type AuthorizeCall, AuthorizeCalls, type NextStep } from './authorize-call.js';
import { reportingTo } from './authorize-error.js';

/**
 * The second call: redeem the login verifier, remember or forget the login, and send the browser to the consent app
 * (oauth2-flows.md 2.5 to 2.7).
 */
@Injectable()
export class FinishLoginStep {
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
    const found = findLoginByVerifier(this.readModel.db, this.root.secretValueHash(verifier));
    if (!found?.alive) {
      call.by.detail =
        found === undefined ? 'no login was decided with this verifier' : 'the login, or its client, is gone';
      this.calls.refuseVerifier(call);
    }
    const requested = await this.requested(found.id);
    if (requested === undefined) this.calls.refuseVerifier(call);
    return reportingTo(this.calls.targetOf(call, requested), () => this.finish(call, found.id));
  }

  /** What was asked for, as the log has it; undefined when it has that no more. */
  private async requested(id: string): Promise<LoginRequest | undefined> {
    const state = await findState(this.log, login, id);
    return state !== undefined && 'requested' in state ? state.requested : undefined;
  }

  private async finish({ browser, by }: AuthorizeCall, loginId: string): Promise<NextStep> {
    const csrf = browser.csrfOfFlow('oauth2_consent_csrf');
    const known = {
      ...{ sessionId: browser.sessionId, csrfHash: browser.csrfHash('oauth2_authentication_csrf') },
      consentCsrfHash: csrf.hash,
    };
    const { consentChallenge, memory } = await this.commands.execute(new FinishLogin(loginId, known, by));
    const redirectTo = withParameters(this.configuration.urls.consent, { consent_challenge: consentChallenge });
    return { redirectTo, changes: [...changesFor(memory), csrf.change] };
  }
}

function changesFor(memory: LoginMemory): BrowserChange[] {
  if (memory === 'as it was') return [];
  return memory === 'forgotten' ? [{ forget: 'login' }] : [{ keep: 'login', ...memory }];
}
