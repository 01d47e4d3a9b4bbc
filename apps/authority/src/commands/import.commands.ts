import { ClientSecrets, RootKey, generateClientSecret } from '#libs/crypto';
import {
  type ClientRegistration,
  type ConsentAcceptance,
  type ConsentRequestedData,
  type DomainEvent,
  type Timestamp,
  client,
  consent,
} from '#libs/domain';
import { loadState } from '#libs/event-store';
import { parameter, storedParameters } from '#libs/oauth2';
import { type ClientView, ReadModel, findClient, isConsentRevoked } from '#libs/read-model';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { rowNotFound } from '../http/errors/admin-error.js';
import { type RequestContext } from '../http/request-context.js';
import { CommandContext } from './command-context.js';
import { SubjectIdentifiers } from './subject-identifiers.js';

/** `dryRun`: only say what would become of it. */
type Import = { readonly by: RequestContext; readonly dryRun: boolean };

/** What became of a client, or would. `gone`: it was deleted here after an import had brought it. */
type ImportedClient = {
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'gone';
  /** Of a client whose secret is not known: a new one, shown this one time. */
  readonly newSecret?: string;
};

/** Takes over a client as it is elsewhere, or what has changed of it there (docs/adr/0018). */
export class ImportClient extends Command<ImportedClient> {
  constructor(
    readonly clientId: string,
    readonly registration: ClientRegistration,
    /** `''` where it is not known. */
    readonly secretHash: string,
    readonly run: Import,
  ) {
    super();
  }
}

@CommandHandler(ImportClient)
class ImportClientHandler implements ICommandHandler<ImportClient> {
  constructor(
    private readonly context: CommandContext,
    private readonly secrets: ClientSecrets,
  ) {}

  async execute({ clientId, registration, secretHash, run: { by, dryRun } }: ImportClient): Promise<ImportedClient> {
    const secret = generateClientSecret();
    const data = {
      ...{ clientId, registration, newSecretHash: this.secrets.hashGenerated(secret) },
      ...(secretHash === '' ? {} : { secretHash }),
    };
    const command = { type: 'ImportClient', data, now: this.context.now() } as const;
    const { state } = await loadState(this.context.log, client, clientId);
    const events = dryRun
      ? client.decide(command, state)
      : (await this.context.commit(client, clientId, { command, by })).events;
    const isCreated = has(events, 'ClientCreated');
    if (isCreated && secretHash === '' && needsSecret(registration)) return { outcome: 'created', newSecret: secret };
    if (isCreated) return { outcome: 'created' };
    if (events.length > 0) return { outcome: 'updated' };
    return { outcome: state.status === 'none' ? 'gone' : 'unchanged' };
  }
}

function needsSecret({ token_endpoint_auth_method: method }: ClientRegistration): boolean {
  return method !== 'none' && method !== 'private_key_jwt';
}

/** What somebody granted elsewhere, as it is known there; what a login app or client said is as the first call had it. */
export type GrantedElsewhere = {
  readonly challenge: string;
  readonly clientId: string;
  readonly subject: string;
  /** `''` when the subject itself, or what the server makes of it, is what the client knows. */
  readonly forcedIdentifier: string;
  readonly requestedScope: readonly string[];
  readonly requestedAudience: readonly string[];
  readonly requestedAt: Timestamp;
  readonly acceptedAt: Timestamp;
  readonly authenticatedAt: Timestamp;
  readonly asked: Pick<
    ConsentRequestedData,
    'requestUrl' | 'oidcContext' | 'acr' | 'amr' | 'context' | 'loginChallenge'
  >;
  readonly accepted: ConsentAcceptance;
};

/** `revoked`: what it would bring back was revoked here. */
type ImportedConsent = 'created' | 'unchanged' | 'revoked';

/** Takes over a consent that was given elsewhere (docs/adr/0018). */
export class ImportConsent extends Command<ImportedConsent> {
  constructor(
    readonly granted: GrantedElsewhere,
    readonly run: Import,
  ) {
    super();
  }
}

@CommandHandler(ImportConsent)
class ImportConsentHandler implements ICommandHandler<ImportConsent> {
  constructor(
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
    private readonly identifiers: SubjectIdentifiers,
  ) {}

  /** @throws AdminError 404 when its client is not there; OAuthError `invalid_request` as `SubjectIdentifiers.identifierFor` */
  async execute({ granted, run: { by, dryRun } }: ImportConsent): Promise<ImportedConsent> {
    const { challenge, clientId, acceptedAt, accepted } = granted;
    const { state } = await loadState(this.context.log, consent, challenge);
    if (state.status !== 'none') return 'unchanged';
    const client = findClient(this.readModel.db, clientId);
    if (client === undefined) throw rowNotFound();
    const requested = this.requested(granted, client);
    if (isConsentRevoked(this.readModel.db, requested)) return 'revoked';
    if (dryRun) return 'created';
    const data = { requested, accepted, acceptedAt };
    const command = { type: 'ImportConsent', data, now: this.context.now() } as const;
    const { events } = await this.context.commit(consent, challenge, { command, by });
    return events.length > 0 ? 'created' : 'unchanged';
  }

  private requested(granted: GrantedElsewhere, client: ClientView): ConsentRequestedData {
    const { challenge, clientId, subject, requestedAt, authenticatedAt, asked } = granted;
    const { values } = storedParameters(asked.requestUrl);
    return {
      ...{ challenge, clientId, clientIncarnation: client.incarnation, requestedAt, authenticatedAt, ...asked },
      ...{ loginSessionId: null, rememberedConsent: null, verifierHash: '', csrfHash: '' }, // nobody finishes this flow
      ...{ subject, subjectHash: this.root.subjectHash(subject) },
      subjectIdentifier: this.identifiers.identifierFor(client, subject, granted.forcedIdentifier),
      ...{ state: parameter(values, 'state') ?? '', nonce: parameter(values, 'nonce') ?? null, idTokenHint: null },
      request: {
        redirectUri: parameter(values, 'redirect_uri') ?? client.registration.redirect_uris[0] ?? '',
        redirectUriSent: parameter(values, 'redirect_uri') !== undefined,
        responseTypes: listed(parameter(values, 'response_type')),
        ...{ scope: granted.requestedScope, audience: granted.requestedAudience },
        prompt: listed(parameter(values, 'prompt')),
        maxAge: null,
        acrValues: listed(parameter(values, 'acr_values')),
        codeChallenge: parameter(values, 'code_challenge') ?? null,
      },
    };
  }
}

function listed(parameterValue: string | undefined): string[] {
  return (parameterValue ?? '').split(' ').filter((part) => part !== '');
}

function has(events: readonly DomainEvent[], type: string): boolean {
  return events.some((event) => event.type === type);
}

export const importHandlers = [ImportClientHandler, ImportConsentHandler];
