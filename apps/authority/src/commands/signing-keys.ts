import { type Jwk, JwtSigner, generateKeys, uuidV4, verifyJwt } from '#libs/crypto';
import { type JsonObject } from '#libs/domain';
import { type KeyView, ReadModel, publicKid, publishedKeys, signingKey } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { KeySecrets } from './key-secrets.js';

/** The set whose newest private RSA key signs ID tokens (oauth2-flows.md 4.4). */
export const idTokenKeySet = 'hydra.openid.id-token';

/** Fresh keys for that set. */
export function newSigningKeys(): Promise<Jwk[]> {
  return generateKeys({ alg: 'RS256', kid: uuidV4(), use: 'sig' });
}

/** Which key signs ID tokens now, and which verify what was signed before. */
@Injectable()
export class SigningKeys {
  constructor(
    private readonly readModel: ReadModel,
    private readonly secrets: KeySecrets,
    private readonly signer: JwtSigner,
  ) {}

  /** Whether there is a key to sign with. */
  get areThere(): boolean {
    return this.current() !== undefined;
  }

  /** Key and `kid` are taken together, at signing time (D17). */
  async sign(claims: JsonObject): Promise<string> {
    const key = this.current();
    if (key === undefined || key.secretId === null) throw new Error(`key set ${idTokenKeySet} has no signing key`);
    const { secretId, kid } = key;
    return this.signer.sign(claims, { privateJwk: this.secrets.unseal(key), secretId, kid: publicKid(kid) });
  }

  /** The claims of a token that a published key verifies, `undefined` of any other; an expired one is fine. */
  async verify(token: string, now: Date): Promise<JsonObject | undefined> {
    const keys = publishedKeys(this.readModel.db, [idTokenKeySet]).map((text) => JSON.parse(text) as Jwk);
    return verifyJwt(token, keys, { ignoreExpiry: true, now });
  }

  private current(): KeyView | undefined {
    return signingKey(this.readModel.db, idTokenKeySet);
  }
}
