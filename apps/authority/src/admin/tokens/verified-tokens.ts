import { BoundedCache } from '#libs/bounded-cache';
import { type RootKey, sha256Base64Url } from '#libs/crypto';

const remembered = 10_000;

/**
 * What tokens are stored under, remembered for those whose HMAC was found to be ours: back ends ask about the same token again and again,
 * and the HMAC costs more than all the rest of the answer. A token itself is not kept, only its SHA-256, which leads to no token.
 */
export class VerifiedTokens {
  private readonly hashes = new BoundedCache<string, string>(remembered);

  constructor(private readonly root: RootKey) {}

  /** As `RootKey.tokenHash`: `undefined` for anything that is not ours, which is not remembered. */
  tokenHash(token: string): string | undefined {
    const digest = sha256Base64Url(token);
    const known = this.hashes.get(digest);
    if (known !== undefined) return known;
    const hash = this.root.tokenHash(token);
    if (hash !== undefined) this.hashes.set(digest, hash);
    return hash;
  }
}
