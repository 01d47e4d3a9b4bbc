import { type Jwk, JwtSigner, uuidV4, verifyJwt } from '#libs/crypto';
import { type JsonObject } from '#libs/domain';
import { idTokenClaims, userinfoClaims } from '#libs/oauth2';
import { ReadModel, publicKid, publishedKeys, signingKey } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { KeySecrets } from '../commands/key-secrets.js';
import { idTokenKeySet } from '../commands/key-set.commands.js';
import { Configuration } from '../config/configuration.js';

/** Signs and verifies with the keys of `hydra.openid.id-token`: key and `kid` are taken together at signing time (D17). */
@Injectable()
export class IdTokens {
  constructor(
    private readonly readModel: ReadModel,
    private readonly secrets: KeySecrets,
    private readonly signer: JwtSigner,
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
    return this.sign(claims);
  }

  /** The signed form of userinfo (oauth2-flows.md 4.3). */
  async userinfo(stable: JsonObject | undefined, clientId: string): Promise<string> {
    return this.sign(userinfoClaims(stable, { issuer: this.configuration.issuer, clientId, signed: true }));
  }

  /** Claims of an `id_token_hint`, `undefined` when no published key verifies it; an expired one is fine. */
  async verifyHint(hint: string, now: Date): Promise<JsonObject | undefined> {
    const keys = publishedKeys(this.readModel.db, [idTokenKeySet]).map((text) => JSON.parse(text) as Jwk);
    return verifyJwt(hint, keys, { ignoreExpiry: true, now });
  }

  private async sign(claims: JsonObject): Promise<string> {
    const key = signingKey(this.readModel.db, idTokenKeySet);
    if (key === undefined || key.secretId === null) throw new Error(`key set ${idTokenKeySet} has no signing key`);
    const { secretId, kid } = key;
    return this.signer.sign(claims, { privateJwk: this.secrets.unseal(key), secretId, kid: publicKid(kid) });
  }
}
