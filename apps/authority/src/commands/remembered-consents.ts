import { type AuthorizationRequest } from '#libs/domain';
import { consentSkippable, coversScopes, scopeStrategy } from '#libs/oauth2';
import { type ClientView, ReadModel, findRememberedConsent } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { Configuration } from '../config/configuration.js';

type Asked = {
  readonly client: ClientView;
  readonly request: AuthorizationRequest;
  readonly subjectHash: string;
  readonly now: Date;
};

/** What people granted before, and need not be asked for again. */
@Injectable()
export class RememberedConsents {
  constructor(
    private readonly readModel: ReadModel,
    private readonly configuration: Configuration,
  ) {}

  /** The challenge of the remembered consent that covers a request, if there is one (oauth2-flows.md 2.6). */
  covering({ client, request, subjectHash, now }: Asked): string | null {
    const { clientId, incarnation: clientIncarnation, registration } = client;
    const { redirectUri, prompt, scope } = request;
    if (!consentSkippable({ prompt, registration, redirectUri })) return null;
    const remembered = findRememberedConsent(this.readModel.db, { subjectHash, clientId, clientIncarnation, now });
    if (remembered === undefined) return null;
    const strategy = scopeStrategy(this.configuration.scopeStrategy);
    return coversScopes(strategy, remembered.grantScope, scope) ? remembered.challenge : null;
  }
}
