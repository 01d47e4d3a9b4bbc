import { randomHex, uuidV7 } from '#libs/crypto';
import {
  type AuthorizationRequest,
  type ClientRegistration,
  type DomainEvent,
  type PersonalRequest,
  client,
  consent,
  grant,
  login,
  noRevision,
  session,
} from '#libs/domain';
import { EventLog, type EncodedEvent } from '#libs/event-store';
import { readConfiguration } from '../apps/authority/src/config/read-configuration.js';
import { ApplicationLog } from '../apps/authority/src/http/application-log.js';
import { type DataFolder, openDataFolder } from '../apps/authority/src/process/open-authority.js';

/** An event with where it is to be appended. */
export type Step = { readonly stream: string; readonly expectedRevision: number; readonly event: DomainEvent };

const people = Array.from({ length: 5_000 }, () => ({
  subject: `${randomHex(4)}@people.example`,
  subjectHash: Buffer.from(randomHex(32), 'hex').toString('base64url'),
}));
const clients = 50;
const by = { actor: 'public', correlationId: '0193b6f2-7c2d-7a4f-9d3a-000000000001' };
const hour = 3_600_000;

/**
 * What the authority records when somebody logs in, consents, and a client gets tokens. Each fourth time a client is registered before, and
 * afterwards the tokens are revoked and the session ends.
 */
export function journeySteps(number: number): Step[] {
  const now = new Date();
  const more = number % 4 === 0;
  const facts = {
    ...{ clientId: more ? uuidV7(now) : `client-${number % clients}`, clientIncarnation: 0, at: now.toISOString() },
    ...people[number % people.length]!,
    ...{ loginChallenge: randomHex(16), consentChallenge: randomHex(16), sessionId: uuidV7(now) },
  };
  const [loggedIn, granted] = [loginEvents(facts), consentEvents(facts)];
  const streams: [name: string, events: DomainEvent[]][] = [
    ...(more ? [[client.streamOf(facts.clientId), [clientCreated(facts)]] satisfies [string, DomainEvent[]]] : []),
    [login.streamOf(facts.loginChallenge), loggedIn],
    [session.streamOf(facts.sessionId), sessionEvents(facts, more)],
    [consent.streamOf(facts.consentChallenge), granted],
    [grant.streamOf(facts.consentChallenge), tokenEvents(facts, more)],
  ];
  return streams.flatMap(([stream, events]) =>
    events.map((event, index) => ({ stream, expectedRevision: noRevision + index, event })),
  );
}

type Facts = Readonly<
  Record<
    'clientId' | 'subject' | 'subjectHash' | 'loginChallenge' | 'consentChallenge' | 'sessionId' | 'at',
    string
  > & { clientIncarnation: number }
>;

const registration: ClientRegistration = {
  ...{ client_name: 'Photo prints', redirect_uris: ['https://photos.example/callback'] },
  ...{ grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] },
  ...{ scope: 'openid offline photos.read', audience: [], owner: 'photos', policy_uri: '', allowed_cors_origins: [] },
  ...{ tos_uri: '', client_uri: 'https://photos.example/', logo_uri: '', contacts: ['ops@photos.example'] },
  ...{ subject_type: 'public', sector_identifier_uri: '', jwks_uri: '', request_uris: [] },
  ...{ token_endpoint_auth_method: 'client_secret_basic', request_object_signing_alg: '' },
  userinfo_signed_response_alg: 'none',
};

const request: AuthorizationRequest = {
  ...{ redirectUri: 'https://photos.example/callback', redirectUriSent: true, responseTypes: ['code'] },
  ...{ scope: ['openid', 'offline', 'photos.read'], audience: [], prompt: [], maxAge: null, acrValues: [] },
  codeChallenge: null,
};

const personalRequest: PersonalRequest = {
  requestUrl: 'https://id.example/oauth2/auth?client_id=photo-prints&response_type=code&scope=openid+offline',
  ...{ oidcContext: {}, state: 'a-state-of-the-client', nonce: null, idTokenHint: null },
};

function clientCreated({ clientId, at }: Facts): DomainEvent {
  return { type: 'ClientCreated', data: { clientId, registration, secretHash: randomHex(32), createdAt: at } };
}

function loginEvents({ loginChallenge: challenge, clientId, clientIncarnation, at, ...person }: Facts): DomainEvent[] {
  const { subject, subjectHash } = person;
  const hashes = { verifierHash: randomHex(32), csrfHash: randomHex(32) };
  const asked = { ...personalRequest, clientId, clientIncarnation, request, session: null, requestedAt: at };
  const challengeText = randomHex(150);
  const accepted = { challenge, subjectHash, subject, authenticatedAt: at, acceptedAt: at, amr: ['pwd'], acr: '1' };
  const decision = { ...accepted, remember: true, rememberForSeconds: 3600, forceSubjectIdentifier: '' };
  return [{ type: 'LoginAccepted', data: { ...decision, ...asked, ...hashes, challengeText } }];
}

function sessionEvents({ sessionId, subject, subjectHash, loginChallenge, at }: Facts, ends: boolean): DomainEvent[] {
  const data = { sessionId, subjectHash, subject, authenticatedAt: at, loginChallenge, startedAt: at };
  const ended: DomainEvent = { type: 'SessionEnded', data: { sessionId, cause: 'logout', endedAt: at } };
  return [{ type: 'SessionStarted', data }, ...(ends ? [ended] : [])];
}

function consentEvents({ consentChallenge: challenge, loginChallenge, sessionId, at, ...facts }: Facts): DomainEvent[] {
  const { clientId, clientIncarnation, subject, subjectHash } = facts;
  const hashes = { verifierHash: randomHex(32), csrfHash: randomHex(32) };
  const person = { subject, subjectHash, subjectIdentifier: subject, authenticatedAt: at, acr: '1' };
  const asked = { ...personalRequest, challenge, loginChallenge, loginSessionId: sessionId, request };
  const granted = { challenge, subjectHash, grantScope: ['openid', 'offline'], grantAudience: [], acceptedAt: at };
  return [
    {
      type: 'ConsentRequested',
      data: { ...asked, ...hashes, ...person, clientId, clientIncarnation, rememberedConsent: null, requestedAt: at },
    },
    {
      type: 'ConsentAccepted',
      data: { ...granted, remember: true, rememberForSeconds: 0, session: { accessToken: {}, idToken: {} } },
    },
  ];
}

function tokenEvents({ consentChallenge: grantId, at, ...facts }: Facts, revoked: boolean): DomainEvent[] {
  const { clientId, clientIncarnation, subject, subjectHash } = facts;
  const whose = { grantId, clientId, clientIncarnation, consentChallenge: grantId, subjectHash, subject };
  const tokens = {
    ...{ accessTokenHash: randomHex(22), accessTokenExpiresAt: later(at, hour) },
    ...{ refreshTokenHash: randomHex(22), refreshTokenExpiresAt: later(at, 720 * hour) },
  };
  const allowed = { scope: ['openid', 'offline'], audience: [], idTokenClaims: { sub: subject } };
  const issued = { ...whose, ...tokens, ...allowed, grantType: 'authorization_code', issuedAt: at } as const;
  const end: DomainEvent = { type: 'TokensRevoked', data: { grantId, revokedAt: at } };
  return [{ type: 'TokensIssued', data: issued }, ...(revoked ? [end] : [])];
}

function later(at: string, ms: number): string {
  return new Date(Date.parse(at) + ms).toISOString();
}

/** Opens the embedded log that these settings name, for this process alone. */
export function openFolder(env: Readonly<Record<string, string | undefined>>): Promise<DataFolder> {
  const { configuration } = readConfiguration(env);
  return openDataFolder(configuration, { applicationLog: ApplicationLog.create(configuration.log) });
}

/** Appends steps as the authority does: sealed, one event at a time, each acknowledged when it is durable. */
export class EvidenceWriter {
  private readonly log: EventLog;
  private readonly started = Math.floor(Math.random() * people.length);
  private journeys = 0;

  constructor({ store, codec, clock }: DataFolder) {
    this.log = new EventLog({ store, codec, clock: () => clock.now(), newId: uuidV7 });
  }

  /** The steps of the next journey. */
  nextJourney(): Step[] {
    this.journeys += 1;
    return journeySteps(this.started + this.journeys);
  }

  async append({ stream, expectedRevision, event }: Step): Promise<EncodedEvent> {
    const [encoded] = await this.log.encode([event], { stream, scope: this.log.newCommand(), by });
    await this.log.store.append(stream, [encoded!], { expectedRevision });
    return encoded!;
  }
}

/** Makes an embedded log of at least so many events. */
export async function writeEvidence(env: Readonly<Record<string, string>>, atLeast: number): Promise<void> {
  const folder = await openFolder(env);
  try {
    const writer = new EvidenceWriter(folder);
    let written = 0;
    const lane = async (): Promise<void> => {
      while (written < atLeast) {
        for (const step of writer.nextJourney()) {
          written += 1;
          await writer.append(step);
        }
      }
    };
    await Promise.all(Array.from({ length: 50 }, lane));
  } finally {
    await folder.close();
  }
}
