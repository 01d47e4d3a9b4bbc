import {
  type AuthorityEvent,
  type AuthorizationRequest,
  type ClientRegistration,
  noRevision,
  type PersonalRequest,
  type TokenClaims,
  eventSchemas,
  eventUpcasters,
} from '#libs/domain';
import { EventCodec, type EventMetadata, MemoryEventStore, type PersonalDataKeys } from '#libs/event-store';

const clientId = 'photo-prints';
const subject = 'mira';
const subjectHash = 'AJbtrasxMqhaCQjn_l4ksL5wn98kzQzlI5Fs0DMjleI';
const loginId = '0193b6f27c2d7a4f9d3a000000000001';
const rejectedLoginId = '0193b6f27c2d7a4f9d3a000000000009';
/** Of a request that was an event of its own. */
const formerLoginId = '0193b6f27c2d7a4f9d3a000000000008';
const consentChallenge = '0193b6f27c2d7a4f9d3a000000000002';
const sessionId = '6f1cf6d6-5d0c-4f0e-8a5e-6f3f3c1f7f10';
const machineGrant = '0193b6f2-7c2d-7a4f-9d3a-000000000003';
const set = 'partner';
const begin = Date.parse('2026-11-02T08:00:00.000Z');

const registration: ClientRegistration = {
  client_name: 'Photo prints',
  redirect_uris: ['https://photos.example/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  scope: 'openid offline photos.read',
  ...{ audience: [], owner: '', policy_uri: '', allowed_cors_origins: [], tos_uri: '', client_uri: '', logo_uri: '' },
  ...{ contacts: [], subject_type: 'public', sector_identifier_uri: '', jwks_uri: '', request_uris: [] },
  token_endpoint_auth_method: 'client_secret_basic',
  ...{ request_object_signing_alg: '', userinfo_signed_response_alg: 'none' },
};

const request: AuthorizationRequest = {
  redirectUri: 'https://photos.example/callback',
  redirectUriSent: true,
  responseTypes: ['code'],
  scope: ['openid', 'offline', 'photos.read'],
  audience: [],
  prompt: [],
  maxAge: null,
  acrValues: [],
  codeChallenge: null,
};

const personalRequest: PersonalRequest = {
  requestUrl: 'https://id.example/oauth2/auth?client_id=photo-prints',
  oidcContext: {},
  state: 'a-state-of-the-client',
  nonce: null,
  idTokenHint: null,
};

const flowOfLogin = {
  ...{ clientId, clientIncarnation: 0, requestedAt: at(10), verifierHash: 'a-hash', csrfHash: 'a-hash', request },
  session: null,
};

const asked = { ...personalRequest, ...flowOfLogin, challengeText: 'a-state-of-the-client' };

const claims: TokenClaims = {
  grantId: consentChallenge,
  clientId,
  clientIncarnation: 0,
  scope: ['openid', 'offline'],
  audience: [],
  consentChallenge,
  ...{ subjectHash, subject, idTokenClaims: { sub: subject } },
};

const minted = {
  accessTokenHash: 'hash-of-an-access-token',
  accessTokenExpiresAt: at(60),
  refreshTokenHash: 'hash-of-a-refresh-token',
  refreshTokenExpiresAt: at(43_200),
};

const key = (kid: string) => ({
  kid,
  publicJwk: { use: 'sig', kty: 'EC', kid, crv: 'P-256', alg: 'ES256', x: 'eA', y: 'eQ' },
});

function at(minutes: number): string {
  return new Date(begin + minutes * 60_000).toISOString();
}

/** An event of the story: in which stream, and who was behind it. */
type Told = readonly [stream: string, event: AuthorityEvent, by?: Partial<EventMetadata>];

const administrator = { reason: 'ticket 4711' };
const browser = { actor: 'public' };
const flow = `consent-${consentChallenge}`;
const grant = `grant-${consentChallenge}`;

/** What happens at an authority on a morning in November, so that every published type happens at least once. */
const story: readonly Told[] = [
  [
    `client-${clientId}`,
    { type: 'ClientCreated', data: { clientId, registration, secretHash: 'a-hash', createdAt: at(0) } },
  ],
  [
    `client-${clientId}`,
    {
      type: 'ClientUpdated',
      data: { clientId, registration: { ...registration, client_name: 'Photo prints, same day' }, updatedAt: at(1) },
    },
    { ...administrator, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  ],
  [
    `client-${clientId}`,
    { type: 'ClientSecretRotated', data: { clientId, secretHash: 'another-hash', rotatedAt: at(1) } },
  ],
  [`keyset-${set}`, { type: 'KeySetCreated', data: { set, keys: [key('2026-11')], createdAt: at(2) } }],
  [
    `keyset-${set}`,
    { type: 'KeyRotated', data: { set, keys: [key('2026-12')], takesOverFrom: ['2026-11'], rotatedAt: at(3) } },
  ],
  [`keyset-${set}`, { type: 'KeyAdded', data: { set, key: key('spare'), addedAt: at(3) } }],
  [`keyset-${set}`, { type: 'KeyReplaced', data: { set, key: key('spare'), replacedAt: at(4) } }],
  [`keyset-${set}`, { type: 'KeyDeleted', data: { set, kid: 'spare', deletedAt: at(5) } }],
  [`keyset-${set}`, { type: 'KeySetReplaced', data: { set, keys: [key('2027-01')], replacedAt: at(6) } }],
  [`keyset-${set}`, { type: 'KeySetDeleted', data: { set, deletedAt: at(7) } }],
  [
    `login-${loginId}`,
    {
      type: 'LoginAccepted',
      data: {
        ...{ challenge: loginId, subjectHash, subject, authenticatedAt: at(11), acceptedAt: at(11), amr: ['pwd'] },
        ...{ remember: true, rememberForSeconds: 3600, acr: '1', forceSubjectIdentifier: '', ...asked },
      },
    },
  ],
  [
    `login-${rejectedLoginId}`,
    {
      type: 'LoginRejected',
      data: {
        ...{ challenge: rejectedLoginId, rejectedAt: at(11), ...asked },
        rejection: { error: 'access_denied', errorDescription: '', errorHint: '', errorDebug: '', statusCode: 403 },
      },
    },
  ],
  [
    `login-${formerLoginId}`,
    { type: 'LoginRequested', data: { ...personalRequest, challenge: formerLoginId, ...flowOfLogin } },
    browser,
  ],
  [
    `login-${formerLoginId}`,
    {
      type: 'LoginRejected',
      data: {
        ...{ challenge: formerLoginId, rejectedAt: at(11), request: null },
        rejection: { error: 'access_denied', errorDescription: '', errorHint: '', errorDebug: '', statusCode: 403 },
      },
    },
  ],
  [
    `session-${sessionId}`,
    {
      type: 'SessionStarted',
      data: { sessionId, subjectHash, subject, authenticatedAt: at(11), loginChallenge: loginId, startedAt: at(12) },
    },
    browser,
  ],
  [
    flow,
    {
      type: 'ConsentRequested',
      data: {
        ...personalRequest,
        ...{
          challenge: consentChallenge,
          loginChallenge: loginId,
          loginSessionId: null,
          clientId,
          clientIncarnation: 0,
        },
        ...{ requestedAt: at(10), verifierHash: 'a-hash', csrfHash: 'a-hash', request, rememberedConsent: null },
        ...{ subjectHash, subject, subjectIdentifier: subject, authenticatedAt: at(11), acr: '1' },
      },
    },
    browser,
  ],
  [
    flow,
    {
      type: 'ConsentRejected',
      data: {
        ...{ challenge: consentChallenge, subjectHash, rejectedAt: at(12) },
        rejection: { error: 'access_denied', errorDescription: '', errorHint: '', errorDebug: '', statusCode: 403 },
      },
    },
  ],
  [
    flow,
    {
      type: 'ConsentAccepted',
      data: {
        ...{ challenge: consentChallenge, subjectHash, grantScope: ['openid', 'offline'], grantAudience: [] },
        ...{ remember: true, rememberForSeconds: 0, session: { accessToken: {}, idToken: {} }, acceptedAt: at(13) },
      },
    },
  ],
  [
    grant,
    { type: 'TokensIssued', data: { ...claims, ...minted, grantType: 'authorization_code', issuedAt: at(14) } },
    browser,
  ],
  [
    grant,
    {
      type: 'TokensRefreshed',
      data: {
        ...{ ...claims, ...minted, previousRefreshTokenHash: 'hash-of-a-refresh-token' },
        ...{ withinGrace: false, refreshedAt: at(40) },
      },
    },
    browser,
  ],
  [grant, { type: 'RefreshTokenReused', data: { grantId: consentChallenge, reusedAt: at(41) } }, browser],
  [grant, { type: 'AuthorizationCodeReplayed', data: { grantId: consentChallenge, replayedAt: at(42) } }, browser],
  [grant, { type: 'TokensRevoked', data: { grantId: consentChallenge, revokedAt: at(43) } }, browser],
  [
    `grant-${machineGrant}`,
    { type: 'TokensRevoked', data: { grantId: machineGrant, clientId, revokedAt: at(43) } },
    browser,
  ],
  [
    `subject-${subjectHash}`,
    { type: 'ConsentRevoked', data: { subjectHash, clientId, revokedAt: at(50) } },
    administrator,
  ],
  [`session-${sessionId}`, { type: 'SessionEnded', data: { sessionId, cause: 'logout', endedAt: at(51) } }, browser],
  [`subject-${subjectHash}`, { type: 'SessionRevoked', data: { subjectHash, revokedAt: at(52) } }, administrator],
  ['retention', { type: 'TokensFlushed', data: { cutOff: at(-60), flushedAt: at(53) } }],
  [`client-${clientId}`, { type: 'ClientDeleted', data: { clientId, deletedAt: at(55) } }, administrator],
  [
    'relay',
    {
      type: 'EventParked',
      data: {
        ...{ position: 6, eventId: storyEventId(6), eventType: 'KeyAdded' },
        ...{ reason: 'ticket 4712: larger than Kafka takes', parkedAt: at(56) },
      },
    },
    { actor: 'hydrant' },
  ],
];

/** The log of the story, in memory; personal data is sealed for real, under a key everybody knows. */
export async function storyLog(): Promise<{ store: MemoryEventStore; codec: EventCodec }> {
  const store = new MemoryEventStore();
  const codec = new EventCodec(eventSchemas, eventUpcasters, knownKeys());
  const revisions = new Map<string, number>();
  for (const [index, [stream, event, by = {}]] of story.entries()) {
    const eventId = storyEventId(index + 1);
    const metadata: EventMetadata = {
      ...{ eventId, commandId: eventId, schemaVersion: codec.schemaVersion(event.type), recordedAt: timeOf(event) },
      ...{ actor: 'admin', correlationId: `request-${index + 1}` },
      ...by,
    };
    const expectedRevision = revisions.get(stream) ?? noRevision;
    const { revision } = await store.append(stream, [await codec.encode(event, metadata, stream)], {
      expectedRevision,
    });
    revisions.set(stream, revision);
  }
  return { store, codec };
}

/** The id of an event of the story, counted from 1. */
function storyEventId(number: number): string {
  return `0193b6f2-7c2d-7a4f-9d3a-${String(number).padStart(12, '0')}`;
}

/** When an event of the story happened: its own time is the one among its members that says when it was recorded. */
function timeOf({ data }: AuthorityEvent): string {
  const times = Object.entries(data as Record<string, unknown>).filter(([name]) => recordedTimes.has(name));
  return (times.at(-1)?.[1] as string | undefined) ?? at(0);
}

const recordedTimes: ReadonlySet<string> = new Set([
  ...['createdAt', 'updatedAt', 'rotatedAt', 'addedAt', 'replacedAt', 'deletedAt', 'requestedAt', 'acceptedAt'],
  ...[
    'rejectedAt',
    'startedAt',
    'endedAt',
    'issuedAt',
    'refreshedAt',
    'reusedAt',
    'replayedAt',
    'revokedAt',
    'flushedAt',
    'parkedAt',
  ],
]);

function knownKeys(): PersonalDataKeys {
  const known = Buffer.alloc(32, 7).toString('base64url');
  return {
    subjectKey: (hash) => ({ keyId: hash, key: known }),
    keyById: (keyId) => ({ keyId, key: known }),
    sealInStream: (_stream, plaintext) => plaintext,
    unsealInStream: (_stream, sealed) => sealed,
    unsealWithRoot: (sealed) => sealed,
  };
}
