import { type JsonObject, type Timestamp } from '#libs/domain';
import { type ActiveToken } from '#libs/oauth2';
import { type Introspection, type TokenKind } from './introspection.js';

/** A row of either kind of token, as the queries select it. */
export type TokenRow = Introspection & {
  readonly grantId: string;
  readonly clientId: string;
  readonly consentChallenge: string | null;
  readonly issuedAt: number;
  readonly expiresAt: number | null;
  readonly idTokenClaims: string | null;
};

type IntrospectionMembers = {
  scope?: string;
  sub?: string;
  obfuscated_subject?: string;
  aud?: readonly string[];
  ext?: JsonObject;
};

/** A live token. Everything but the row's own columns is read out of the stored texts when first asked for. */
export class TokenView {
  private parsed: IntrospectionMembers | undefined;

  constructor(
    private readonly row: TokenRow,
    readonly kind: TokenKind,
  ) {}

  get grantId(): string {
    return this.row.grantId;
  }

  get clientId(): string {
    return this.row.clientId;
  }

  /** The consent the token rests on; `null` for a client's own. */
  get consentChallenge(): string | null {
    return this.row.consentChallenge;
  }

  /** The answer to introspection: `beforeIssuer`, the issuer as JSON text, `afterIssuer`. */
  get introspection(): Introspection {
    return this.row;
  }

  get issuedAt(): Timestamp {
    return new Date(this.row.issuedAt).toISOString();
  }

  /** `null`: never. */
  get expiresAt(): Timestamp | null {
    return this.row.expiresAt === null ? null : new Date(this.row.expiresAt).toISOString();
  }

  isExpired(now: Date): boolean {
    return this.row.expiresAt !== null && this.row.expiresAt <= now.getTime();
  }

  get scope(): readonly string[] {
    return this.scopeText === '' ? [] : this.scopeText.split(' ');
  }

  /** The granted scope, space-separated. */
  get scopeText(): string {
    return this.members.scope ?? '';
  }

  get audience(): readonly string[] {
    return this.members.aud ?? [];
  }

  /** Undefined for a client's own token. */
  get subject(): string | undefined {
    return this.row.consentChallenge === null ? undefined : this.members.sub;
  }

  get obfuscatedSubject(): string | undefined {
    return this.members.obfuscated_subject;
  }

  get ext(): JsonObject {
    return this.members.ext ?? {};
  }

  get idTokenClaims(): JsonObject {
    return JSON.parse(this.row.idTokenClaims ?? '{}') as JsonObject;
  }

  /** What introspection answers about it. */
  get active(): ActiveToken {
    const { kind, scope, clientId, consentChallenge, obfuscatedSubject, expiresAt, issuedAt, audience, ext } = this;
    const subject = consentChallenge === null ? clientId : (this.subject ?? '');
    return { kind, scope, clientId, subject, obfuscatedSubject, expiresAt, issuedAt, audience, ext };
  }

  private get members(): IntrospectionMembers {
    const text = (): string => `${this.row.beforeIssuer}""${this.row.afterIssuer}`;
    return (this.parsed ??= JSON.parse(text()) as IntrospectionMembers);
  }
}
