import { type JsonObject, type Timestamp } from '#libs/domain';
import { type ActiveToken, type TokenKind, activeIntrospection, goJson } from '#libs/oauth2';

/** A row of either kind of token, as the queries select it. Lists and objects are JSON texts; what is empty is `null`. */
export type TokenRow = {
  readonly grantId: string;
  readonly clientId: string;
  readonly consentChallenge: string | null;
  readonly issuedAt: number;
  readonly expiresAt: number | null;
  /** Space-separated. */
  readonly scope: string | null;
  readonly audience: string | null;
  readonly subject: string | null;
  readonly obfuscatedSubject: string | null;
  readonly ext: string | null;
  readonly idTokenClaims: string | null;
};

/** A live token. */
export class TokenView {
  private answer: { readonly issuer: string; readonly json: string } | undefined;

  constructor(
    private readonly row: TokenRow,
    readonly kind: TokenKind,
  ) {}

  /** Of all its texts, in characters. */
  get length(): number {
    const { row } = this;
    const texts = [row.scope, row.audience, row.subject, row.obfuscatedSubject, row.ext, row.idTokenClaims];
    return texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
  }

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
    return this.row.scope ?? '';
  }

  get audience(): readonly string[] {
    return this.row.audience === null ? [] : (JSON.parse(this.row.audience) as string[]);
  }

  /** Undefined for a client's own token. */
  get subject(): string | undefined {
    return this.row.consentChallenge === null ? undefined : (this.row.subject ?? undefined);
  }

  get obfuscatedSubject(): string | undefined {
    return this.row.obfuscatedSubject ?? undefined;
  }

  get ext(): JsonObject {
    return JSON.parse(this.row.ext ?? '{}') as JsonObject;
  }

  get idTokenClaims(): JsonObject {
    return JSON.parse(this.row.idTokenClaims ?? '{}') as JsonObject;
  }

  /** What introspection answers about it. */
  get active(): ActiveToken {
    const { row, kind, clientId, obfuscatedSubject, audience } = this;
    return {
      kind,
      clientId,
      obfuscatedSubject,
      audience,
      scope: row.scope?.split(' ') ?? [],
      subject: row.consentChallenge === null ? clientId : (row.subject ?? ''),
      expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt),
      issuedAt: new Date(row.issuedAt),
      ext: row.ext === null ? undefined : this.ext,
    };
  }

  /** The answer to introspection, JSON text; made once, then remembered with the token. */
  introspection(issuer: string): string {
    if (this.answer?.issuer !== issuer) {
      this.answer = { issuer, json: goJson(activeIntrospection(this.active, issuer)) };
    }
    return this.answer.json;
  }
}
