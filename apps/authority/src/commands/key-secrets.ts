import { type Jwk, JwtSigner, RootKey, hasPrivatePart, publicJwk, uuidV7 } from '#libs/crypto';
import { type JsonObject, type KeyEntry, type KeySet, keySecret } from '#libs/domain';
import { type CommandScope, StreamDeletedError, VersionConflictError, findState } from '#libs/event-store';
import { type KeyView, ReadModel, orphanSecrets } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { CommandContext } from './command-context.js';
import { type RequestContext } from '../http/request-context.js';

/** A sealed secret younger than this may belong to a command that is still going on. */
const orphanAgeMs = 10 * 60_000;

/** Private keys on their way in and out of the log: one sealed JWK per `secret-` stream, gone when its key goes. */
@Injectable()
export class KeySecrets {
  constructor(
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
    private readonly signer: JwtSigner,
  ) {}

  /** Writes the secrets of new keys, before the event of the key set that names them (architecture.md: write path). */
  async seal(
    set: string,
    keys: readonly Jwk[],
    { by, scope }: { by: RequestContext; scope: CommandScope },
  ): Promise<KeyEntry[]> {
    return Promise.all(
      keys.map(async (jwk) => {
        const entry = { kid: jwk.kid ?? '', publicJwk: publicJwk(jwk) as JsonObject };
        if (!hasPrivatePart(jwk)) return entry;
        const secretId = uuidV7(this.context.now());
        const sealedJwk = this.root.seal('private-key', JSON.stringify(jwk), secretId);
        const command = { type: 'SealSecret', data: { secretId, set, sealedJwk } } as const;
        await this.context.append(keySecret, secretId, { command, by, scope });
        return { ...entry, secretId };
      }),
    );
  }

  /** The whole JWK of a stored key. @throws CryptoError `unseal_failed` */
  unseal({ publicJwk: publicText, secretId, sealedJwk }: KeyView): Jwk {
    if (secretId === null || sealedJwk === null) return JSON.parse(publicText) as Jwk;
    return JSON.parse(this.root.unseal('private-key', sealedJwk, secretId)) as Jwk;
  }

  /** The whole JWK of a key, from the log; `undefined` when its secret is gone. @throws CryptoError `unseal_failed` */
  async load({ publicJwk: jwk, secretId }: KeyEntry): Promise<Jwk | undefined> {
    if (secretId === undefined) return jwk as Jwk;
    const sealedJwk = (await findState(this.context.log, keySecret, secretId))?.sealedJwk;
    if (sealedJwk === undefined) return undefined;
    return JSON.parse(this.root.unseal('private-key', sealedJwk, secretId)) as Jwk;
  }

  /** Deletes the secrets of keys that are in `before` and not in `after`; what is missed here the clean-up finds. */
  async discard(before: readonly KeyEntry[], after: KeySet): Promise<void> {
    const kept = new Set(after.keys.map(({ secretId }) => secretId));
    const gone = before.flatMap(({ secretId }) => (secretId === undefined || kept.has(secretId) ? [] : [secretId]));
    await Promise.all(gone.map((secretId) => this.delete(secretId)));
  }

  /** Deletes secrets whose key never came (a crash between the two streams) or went. Resumable; call it now and then. */
  async discardOrphans(): Promise<number> {
    const olderThan = new Date(this.context.now().getTime() - orphanAgeMs).toISOString();
    const orphans = orphanSecrets(this.readModel.db, { olderThan, limit: 100 });
    for (const { secretId } of orphans) await this.delete(secretId);
    return orphans.length;
  }

  private async delete(secretId: string): Promise<void> {
    this.signer.forget(secretId);
    try {
      await this.context.log.deleteStream(keySecret.streamOf(secretId), { expectedRevision: 0 });
    } catch (error) {
      if (!(error instanceof VersionConflictError || error instanceof StreamDeletedError)) throw error;
    }
  }
}
