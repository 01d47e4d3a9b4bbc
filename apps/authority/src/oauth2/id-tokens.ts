import { uuidV4 } from '#libs/crypto';
import { type JsonObject } from '#libs/domain';
import { idTokenClaims, userinfoClaims } from '#libs/oauth2';
import { Injectable } from '@nestjs/common';
import { SigningKeys } from '../commands/signing-keys.js';
import { Configuration } from '../config/configuration.js';

/** ID tokens, and signed userinfo: what they say. `SigningKeys` has the key that signs them. */
@Injectable()
export class IdTokens {
  constructor(
    private readonly keys: SigningKeys,
    private readonly configuration: Configuration,
  ) {}

  /** An ID token for claims of a grant; `nonce` null after a refresh (D18). */
  async idToken(
    token: { stable: JsonObject; clientId: string; nonce: string | null; accessToken: string },
    now: Date,
  ): Promise<string> {
    const { issuer, ttlMs } = this.configuration;
    const claims = idTokenClaims({
      ...token,
      issuer,
      lifespanSeconds: Math.floor(ttlMs.idToken / 1000),
      now,
      jti: uuidV4(),
    });
    return this.keys.sign(claims);
  }

  /** The signed form of userinfo (oauth2-flows.md 4.3). */
  async userinfo(stable: JsonObject | undefined, clientId: string): Promise<string> {
    return this.keys.sign(userinfoClaims(stable, { issuer: this.configuration.issuer, clientId, signed: true }));
  }

  /** Claims of an `id_token_hint`, `undefined` when no published key verifies it; an expired one is fine. */
  async verifyHint(hint: string, now: Date): Promise<JsonObject | undefined> {
    return this.keys.verify(hint, now);
  }
}
