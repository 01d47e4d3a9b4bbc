import { adminTokenHash, sha256Base64Url } from '#libs/crypto';
import { type ReadModel, findAdminToken } from '#libs/read-model';
import { type FastifyRequest } from 'fastify';
import { type Clock } from '../commands/clock.js';
import { type Caller, type Callers, bearerOf, invalidToken } from './caller.js';

type Options = {
  readonly readModel: ReadModel;
  readonly clock: Clock;
  /** A token that is in no log. */
  readonly fileToken: string | undefined;
  /** Whether what may lag behind (`Endpoint.mayLag`) does. */
  readonly bounded: boolean;
};

/**
 * Callers by their tokens, of the log. Both sides are hashed before they meet, so that the time it takes tells nothing about a token.
 * A token that was revoked, wherever that was acknowledged, lets nobody in: this waits for the log as every read does, in time or 503.
 */
export class TokenCallers implements Callers {
  private readonly fileTokenHash: string | undefined;

  constructor(private readonly options: Options) {
    const { fileToken } = options;
    this.fileTokenHash = fileToken === undefined ? undefined : sha256Base64Url(fileToken);
  }

  async callerOf(request: FastifyRequest): Promise<Caller> {
    const token = bearerOf(request);
    if (this.isFileToken(token)) return { name: 'bootstrap', may: 'everything' };
    const hash = adminTokenHash(token);
    if (hash === undefined) throw unknownToken();
    if (!this.mayLag(request)) await this.catchUp(request);
    return this.find(hash);
  }

  private isFileToken(token: string): boolean {
    return this.fileTokenHash !== undefined && sha256Base64Url(token) === this.fileTokenHash;
  }

  private mayLag({ routeOptions }: FastifyRequest): boolean {
    const { bounded, readModel } = this.options;
    return bounded && routeOptions.config.endpoint?.mayLag === true && readModel.isFresh();
  }

  /** Once for the caller and for what is asked. */
  private async catchUp({ context }: FastifyRequest): Promise<void> {
    await this.options.readModel.catchUp();
    context.caughtUp = true;
  }

  private find(hash: string): Caller {
    const { readModel, clock } = this.options;
    const token = findAdminToken(readModel.db, hash, clock.now());
    if (token === undefined) throw unknownToken();
    return { name: token.name, may: token.scopes };
  }
}

function unknownToken(): Error {
  return invalidToken('The token is unknown, has expired or was revoked.');
}
