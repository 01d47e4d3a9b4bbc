import fc from 'fast-check';
import { type AuthorityEvent } from '#libs/domain';
import { type Step } from './projection-spec.js';
import * as events from './spec-events.js';

const { at } = events;
const kinds = [
  ...[
    'client',
    'client',
    'deleteClient',
    'login',
    'wholeLogin',
    'decideLogin',
    'session',
    'endSession',
    'revokeSessions',
  ],
  ...['consent', 'consent', 'skip', 'accept', 'accept', 'reject', 'redeem', 'revokeAll', 'revokeAtClient', 'force'],
  ...['code', 'redeemCode', 'refresh', 'refreshInGrace', 'machine', 'endGrant', 'revokeMachine', 'flush'],
  ...['secret', 'key', 'deleteKey', 'deleteSecret', 'cleanUp', 'cleanUp', 'retention', 'retention'],
] as const;
export type Move = { kind: (typeof kinds)[number]; a: number; b: number; c: number };

/** Small worlds, so that the same client, person and consent meet again and again. */
const oftenZero = fc.constantFrom(0, 0, 0, 1);
const move = fc.record({ kind: fc.constantFrom(...kinds), a: fc.nat(1), b: fc.nat(2), c: oftenZero });
export const moves: fc.Arbitrary<Move[]> = fc.array(move, { minLength: 40, maxLength: 120, size: 'max' });

/** The moves of a person who ends up with tokens, and mostly one that may end them. */
const flow = fc
  .record({
    a: fc.nat(9),
    b: fc.nat(2),
    last: fc.constantFrom(...(['endGrant', 'endGrant', 'refresh', 'flush', 'key'] as const)),
  })
  .map(({ last, ...ids }): Move[] => {
    const steps = ['client', 'consent', 'accept', 'code', 'redeemCode'] as const;
    return [
      ...steps.map((kind) => ({ kind, ...ids, c: 0 })),
      { kind: last, ...ids, a: last === 'flush' ? 0 : ids.a, c: 0 },
    ];
  });
const anything = fc.record({ kind: fc.constantFrom(...kinds), a: fc.nat(9), b: fc.nat(2), c: oftenZero });

/** Histories in which many tokens come, and go in every way. */
export const tokenMoves: fc.Arbitrary<Move[]> = fc
  .array(
    fc.oneof(
      flow,
      anything.map((one) => [one]),
    ),
    { minLength: 20, maxLength: 40, size: 'max' },
  )
  .map((parts) => parts.flat());
export const subjects = ['hash-anna', 'hash-ben'];
export const clients = ['app', 'web'];
const causes = ['AuthorizationCodeReplayed', 'RefreshTokenReused', 'TokensRevoked'] as const;

/** Turns moves into histories that the aggregates could have written: what is unique comes once, everything else in any order. */
export class Story {
  private readonly once = new Set<string>();
  private readonly incarnations = new Map<string, number[]>();
  private readonly present = new Set<string>();
  private readonly owners = new Map<string, { subjectHash: string; clientId: string; clientIncarnation: number }>();
  private time = 0;
  private tokens = 0;

  constructor(
    private readonly revisionOf: (stream: string) => number,
    private readonly isDeleted: (stream: string) => boolean = () => false,
  ) {}

  get now(): Date {
    return new Date(at(this.time));
  }

  /** The names of all tokens issued so far: their hashes are `access-<name>` and `refresh-<name>`. */
  get tokenNames(): string[] {
    return Array.from({ length: this.tokens }, (_, index) => String(index + 1));
  }

  next({ kind, a, b, c }: Move): Step[] {
    this.time += 1;
    const clientId = clients[c]!;
    const subjectHash = subjects[b === 2 ? 1 : 0]!;
    const consent = `consent-${a}`;
    switch (kind) {
      case 'client':
        return this.createClient(clientId);
      case 'deleteClient':
        return this.present.delete(clientId) ? [this.dated(events.clientDeleted(clientId))] : [];
      case 'login':
      case 'wholeLogin':
        return this.login(kind, `login-${a}`, { b, clientId });
      case 'decideLogin':
        return [events.loginAccepted(`login-${a}`), ...(c === 1 ? [events.loginRedeemed(`login-${a}`)] : [])];
      case 'session':
        return this.first(`sid-${b}`) ? [events.sessionStarted(`sid-${b}`, subjectHash)] : [];
      case 'endSession':
        return [events.sessionEnded(`sid-${b}`)];
      case 'revokeSessions':
        return [events.sessionsRevoked(subjectHash)];
      case 'consent':
      case 'skip':
        return this.consent(kind === 'skip' ? `skip-${a}` : consent, {
          subjectHash,
          clientId,
          remembered: `consent-${b}`,
        });
      case 'accept':
        return [
          events.consentAccepted(this.decided(c === 0 ? consent : `skip-${a}`), {
            remember: b > 0,
            rememberForSeconds: b * 20,
          }),
        ];
      case 'reject':
        return [events.consentRejected(this.decided(c === 0 ? consent : `skip-${a}`))];
      case 'redeem':
        return this.isDecided(consent) ? [events.consentRedeemed(consent)] : [];
      case 'revokeAll':
        return [this.dated(events.consentRevoked(null, subjectHash))];
      case 'revokeAtClient':
        return [this.dated(events.consentRevoked(clientId, subjectHash))];
      default:
        return this.grantsAndKeys({ kind, a, b, c });
    }
  }

  private grantsAndKeys({ kind, a, b, c }: Move): Step[] {
    const grantId = c === 0 ? `consent-${a}` : `skip-${a}`;
    const owner = this.owners.get(grantId);
    const secretId = `secret-${a}`;
    switch (kind) {
      case 'force':
        return this.force(clients[c]!, subjects[b === 2 ? 1 : 0]!);
      case 'code':
        return owner !== undefined && this.isDecided(grantId) && this.first(`code-${grantId}`)
          ? [this.dated(events.codeIssued(grantId, owner))]
          : [];
      case 'redeemCode':
        return owner !== undefined && this.once.has(`code-${grantId}`) && this.first(`redeemed-${grantId}`)
          ? events.codeRedeemed(this.tokenName(), grantId).map((event) => this.dated(event, owner))
          : [];
      case 'refresh':
      case 'refreshInGrace': {
        const names: [string, string] = [String(b + 1), this.tokenName()];
        if (owner === undefined || !this.once.has(`redeemed-${grantId}`)) return [];
        return [this.dated(events.refreshed(names, { grantId, withinGrace: kind === 'refreshInGrace' }), owner)];
      }
      case 'machine':
        return this.machine(clients[c]!);
      case 'endGrant':
        return this.once.has(`code-${grantId}`) ? [this.dated(events.grantEnded(causes[b]!, grantId))] : [];
      case 'revokeMachine':
        return this.tokens < b ? [] : [this.dated(events.grantEnded('TokensRevoked', `grant-${this.tokens - b}`))];
      case 'flush':
        return [events.tokensFlushed(at(Math.max(0, this.time - a * 4)))];
      case 'secret':
        return this.first(secretId)
          ? [{ type: 'SecretSealed', data: { secretId, set: 'set', sealedJwk: 'sealed' } }]
          : [];
      case 'key':
        return [{ type: 'KeyAdded', data: { set: 'set', key: events.key(`kid-${b}`, secretId), addedAt: at(0) } }];
      case 'deleteKey':
        return [{ type: 'KeyDeleted', data: { set: 'set', kid: `kid-${b}`, deletedAt: at(0) } }];
      case 'deleteSecret':
        return this.once.has(secretId) && this.first(`deleted-${secretId}`)
          ? [{ deleteStream: `secret-${secretId}` }]
          : [];
      default:
        return [];
    }
  }

  private createClient(clientId: string): Step[] {
    if (this.present.has(clientId)) return [];
    this.present.add(clientId);
    const incarnation = this.revisionOf(`client-${clientId}`) + 1;
    this.incarnations.set(clientId, [...(this.incarnations.get(clientId) ?? []), incarnation]);
    return [events.clientCreated(clientId)];
  }

  private login(
    kind: 'login' | 'wholeLogin',
    challenge: string,
    { b, clientId }: { b: number; clientId: string },
  ): Step[] {
    const clientIncarnation = this.incarnations.get(clientId)?.at(-1);
    if (clientIncarnation === undefined || !this.first(challenge)) return [];
    const session = !this.once.has(`sid-${b}`) ? null : { sessionId: `sid-${b}`, authenticatedAt: at(0) };
    if (kind === 'wholeLogin')
      return [this.dated(events.loginAcceptedWhole(challenge, { session, clientId, clientIncarnation }))];
    const person = session === null ? {} : { subject: 'anna', subjectHash: 'hash-anna' };
    return [this.dated(events.loginRequested(challenge, { session, ...person, clientId, clientIncarnation }))];
  }

  private consent(
    challenge: string,
    { subjectHash, clientId, remembered }: { subjectHash: string; clientId: string; remembered: string },
  ): Step[] {
    const clientIncarnation = this.incarnations.get(clientId)?.at(-1);
    if (clientIncarnation === undefined || !this.first(challenge)) return [];
    const owner = { subjectHash, clientId, clientIncarnation };
    this.owners.set(challenge, owner);
    const rememberedConsent = challenge.startsWith('skip') ? remembered : null;
    if (rememberedConsent !== null && !this.once.has(remembered)) return [];
    return [events.consentRequested(challenge, { ...owner, rememberedConsent, requestedAt: at(this.time) })];
  }

  private force(clientId: string, subjectHash: string): Step[] {
    const clientIncarnation = this.incarnations.get(clientId)?.at(-1);
    if (clientIncarnation === undefined) return [];
    const data = { subjectHash, subject: 'x', clientId, clientIncarnation, identifier: at(this.time), forcedAt: at(0) };
    return [{ type: 'SubjectIdentifierForced', data }];
  }

  private machine(clientId: string): Step[] {
    const clientIncarnation = this.incarnations.get(clientId)?.at(-1);
    if (clientIncarnation === undefined) return [];
    return [this.dated(events.machineTokens(this.tokenName(), { clientId, clientIncarnation }))];
  }

  /** Gives an event this moment's times, and short lives to what expires. */
  private dated(event: AuthorityEvent, more: object = {}): AuthorityEvent {
    const now = at(this.time);
    const times: Record<string, string> = {
      issuedAt: now,
      requestedAt: now,
      deletedAt: now,
      refreshedAt: now,
      revokedAt: now,
      reusedAt: now,
      replayedAt: now,
    };
    const expiries: Record<string, string> = {
      ...{ expiresAt: at(this.time + 9), accessTokenExpiresAt: at(this.time + 15) },
      ...(this.time % 2 === 0 ? { refreshTokenExpiresAt: at(this.time + 25) } : {}),
    };
    const data = Object.fromEntries(
      Object.entries<unknown>(event.data).map(([name, value]) => [
        name,
        value === null ? null : (times[name] ?? expiries[name] ?? value),
      ]),
    );
    return { ...event, data: { ...data, ...('scope' in event.data ? more : {}) } } as AuthorityEvent;
  }

  private tokenName(): string {
    this.tokens += 1;
    return String(this.tokens);
  }

  private decided(challenge: string): string {
    if (this.once.has(challenge) && !this.isDeleted(`consent-${challenge}`)) this.once.add(`decided-${challenge}`);
    return challenge;
  }

  private isDecided(challenge: string): boolean {
    return this.once.has(`decided-${challenge}`) && !this.isDeleted(`consent-${challenge}`);
  }

  private first(id: string): boolean {
    if (this.once.has(id)) return false;
    this.once.add(id);
    return true;
  }
}
