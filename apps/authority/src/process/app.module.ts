import { ClientSecrets, CookieSigner, JwtSigner, RootKey } from '#libs/crypto';
import { EventLog } from '#libs/event-store';
import { ReadModel } from '#libs/read-model';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AdminTokensController } from '../admin/admin-tokens/admin-tokens.controller.js';
import { ClientRegistrations } from '../admin/clients/client-registration.js';
import { ClientWrites } from '../admin/clients/client-writes.js';
import { ClientsController } from '../admin/clients/clients.controller.js';
import { ConsentController } from '../admin/consent/consent.controller.js';
import { KeySecrets } from '../commands/key-secrets.js';
import { KeysController } from '../admin/keys/keys.controller.js';
import { LoginController } from '../admin/login/login.controller.js';
import { ConsentRevocation } from '../admin/sessions/consent-revocation.js';
import { SessionsByQueryController } from '../admin/sessions/sessions-by-query.controller.js';
import { ImportsController } from '../admin/imports/imports.controller.js';
import { SessionsController } from '../admin/sessions/sessions.controller.js';
import { FlushController } from '../admin/tokens/flush.controller.js';
import { Clock } from '../commands/clock.js';
import { adminTokenHandlers } from '../commands/admin-token.commands.js';
import { clientHandlers } from '../commands/client.commands.js';
import { consentHandlers } from '../commands/consent.commands.js';
import { grantHandlers } from '../commands/grant.commands.js';
import { importHandlers } from '../commands/import.commands.js';
import { keySetHandlers, KeySetChanges } from '../commands/key-set.commands.js';
import { loginHandlers } from '../commands/login.commands.js';
import { retentionHandlers } from '../commands/retention.commands.js';
import { sessionHandlers } from '../commands/session.commands.js';
import { CommandContext } from '../commands/command-context.js';
import { Configuration } from '../config/configuration.js';
import { AdminErrorFilter } from '../http/errors/error-filters.js';
import { HealthController } from '../health/health.controller.js';
import { MetricsController } from '../health/metrics.controller.js';
import { Readiness } from '../health/readiness.js';
import { VersionController } from '../health/version.controller.js';
import { ApplicationLog } from '../http/application-log.js';
import { Cookies } from '../oauth2/cookies.js';
import { type ListenerKind, listenerKind } from '../http/listener-kind.js';
import { Metrics } from '../http/metrics.js';
import { AuthorizeCalls } from '../oauth2/authorize/authorize-call.js';
import { AuthorizeController } from '../oauth2/authorize/authorize.controller.js';
import { Browsers } from '../oauth2/browser.js';
import { FinishConsentStep } from '../oauth2/authorize/finish-consent.js';
import { FinishLoginStep } from '../oauth2/authorize/finish-login.js';
import { RequestLoginStep } from '../oauth2/authorize/request-login.js';
import { LoginRequests } from '../commands/login-requests.js';
import { RememberedConsents } from '../commands/remembered-consents.js';
import { SigningKeys } from '../commands/signing-keys.js';
import { SubjectIdentifiers } from '../commands/subject-identifiers.js';
import { ClientAssertions } from '../oauth2/client-assertions.js';
import { ClientAuthentication } from '../oauth2/client-authentication.js';
import { ClientKeys } from '../oauth2/client-keys.js';
import { FallbacksController } from '../oauth2/fallbacks.controller.js';
import { IdTokens } from '../oauth2/id-tokens.js';
import { LogoutController } from '../oauth2/logout.controller.js';
import { RevokeController } from '../oauth2/revoke.controller.js';
import { MachineTokens } from '../commands/machine-tokens.js';
import { TokenMint } from '../commands/token-mint.js';
import { TokenController } from '../oauth2/token/token.controller.js';
import { UserinfoController } from '../oauth2/userinfo.controller.js';
import { WellKnownController } from '../oauth2/well-known.controller.js';
import { measuredCqrs } from './measured-command-bus.js';
import { type Authority } from './open-authority.js';

/** What the listeners of one process share besides the opened authority. */
export type Shared = {
  readonly applicationLog: ApplicationLog;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
};

/** The Admin API. */
@Module({})
export class AdminModule {
  static of(authority: Authority, shared: Shared): DynamicModule {
    return {
      module: AdminModule,
      imports: [measuredCqrs(shared.metrics)],
      controllers: [
        ...[ClientsController, KeysController, LoginController, ConsentController, SessionsController, FlushController],
        ...[SessionsByQueryController, AdminTokensController, ImportsController],
        ...[HealthController, VersionController, MetricsController],
      ],
      providers: [...common(authority, shared, 'admin'), ...[ClientRegistrations, ClientWrites], ConsentRevocation],
    };
  }
}

/** OAuth 2.0 and OpenID Connect, for clients and browsers. */
@Module({})
export class PublicModule {
  static of(authority: Authority, shared: Shared): DynamicModule {
    return {
      module: PublicModule,
      imports: [measuredCqrs(shared.metrics)],
      controllers: [
        ...[AuthorizeController, TokenController, RevokeController, UserinfoController, WellKnownController],
        ...[LogoutController, FallbacksController, HealthController],
      ],
      providers: [
        ...common(authority, shared, 'public'),
        ...[AuthorizeCalls, Browsers, Cookies, IdTokens, ClientAuthentication, ClientAssertions, ClientKeys],
        ...[RequestLoginStep, FinishLoginStep, FinishConsentStep],
      ],
    };
  }
}

/** Commands, and what their handlers share. */
const writeSide: Provider[] = [
  ...[
    CommandContext,
    KeySecrets,
    KeySetChanges,
    SigningKeys,
    MachineTokens,
    TokenMint,
    SubjectIdentifiers,
    LoginRequests,
    RememberedConsents,
  ],
  ...adminTokenHandlers,
  ...clientHandlers,
  ...consentHandlers,
  ...grantHandlers,
  ...importHandlers,
  ...keySetHandlers,
  ...loginHandlers,
  ...retentionHandlers,
  ...sessionHandlers,
];

function common(authority: Authority, shared: Shared, kind: ListenerKind): Provider[] {
  const { configuration, clock, log, readModel, root, clientSecrets, cookies, signer } = authority;
  return [
    ...writeSide,
    { provide: listenerKind, useValue: kind },
    { provide: Configuration, useValue: configuration },
    { provide: Clock, useValue: clock },
    { provide: EventLog, useValue: log },
    { provide: ReadModel, useValue: readModel },
    { provide: RootKey, useValue: root },
    { provide: ClientSecrets, useValue: clientSecrets },
    { provide: CookieSigner, useValue: cookies },
    { provide: JwtSigner, useValue: signer },
    { provide: ApplicationLog, useValue: shared.applicationLog },
    { provide: Metrics, useValue: shared.metrics },
    { provide: Readiness, useValue: shared.readiness },
    { provide: APP_FILTER, useClass: AdminErrorFilter },
  ];
}
