import { RootKey } from '#libs/crypto';
import { ReadModel, ReadModelBehindError, hasHandledConsents } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type RequestContext } from '../../http/request-context.js';
import { RevokeConsent } from '../../commands/session.commands.js';

/** Revokes what a subject granted, where there is something to revoke; generations differ in what they answer when there is not. */
@Injectable()
export class ConsentRevocation {
  constructor(
    private readonly commands: CommandBus,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
  ) {}

  /** `clientId` null: at every client. */
  async revoke(user: string, clientId: string | null, by: RequestContext): Promise<'revoked' | 'nothing found'> {
    const found = await this.hasConsents(user, clientId);
    if (found === false) return 'nothing found';
    await this.commands.execute(new RevokeConsent(user, clientId, by));
    return 'revoked';
  }

  /** `undefined`: the read model cannot say, and the revocation is recorded all the same (admin-api.md 6). */
  private async hasConsents(user: string, clientId: string | null): Promise<boolean | undefined> {
    try {
      await this.readModel.catchUp();
    } catch (error) {
      if (error instanceof ReadModelBehindError) return undefined;
      throw error;
    }
    return hasHandledConsents(this.readModel.db, { subjectHash: this.root.subjectHash(user), clientId });
  }
}
