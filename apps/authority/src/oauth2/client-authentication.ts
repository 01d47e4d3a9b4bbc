import { ClientSecrets } from '#libs/crypto';
import {
  type FormValues,
  type OAuthError,
  type PresentedSecret,
  presentedCredentials,
  requireRegisteredMethod,
  wrongCredentials,
} from '#libs/oauth2';
import { type ClientView, ReadModel, findClient } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyRequest } from 'fastify';
import { ApplicationLog } from '../http/application-log.js';
import { type RequestContext } from '../http/request-context.js';
import { ClientAssertions } from './client-assertions.js';
import { RehashClientSecret } from '../commands/client.commands.js';

/** Who asks at the token and revocation endpoints (RFC 6749 2.3, oauth2-flows.md 3.9). */
@Injectable()
export class ClientAuthentication {
  /** Hashes that are being replaced: of a client's first burst of requests one does it. */
  private readonly rehashing = new Set<string>();

  constructor(
    private readonly readModel: ReadModel,
    private readonly secrets: ClientSecrets,
    private readonly assertions: ClientAssertions,
    private readonly commands: CommandBus,
    private readonly applicationLog: ApplicationLog,
  ) {}

  /**
   * Secrets this process has verified before are not stretched again: argon2id is too dear. A secret that came with
   * its hash is hashed anew at its first use (docs/adr/0008).
   *
   * @throws OAuthError `invalid_request` | `invalid_client`
   */
  async authenticate(
    { headers: { authorization }, context }: Pick<FastifyRequest, 'headers' | 'context'>,
    body: FormValues,
  ): Promise<ClientView> {
    const presented = presentedCredentials({ authorization, body });
    const client = findClient(this.readModel.db, presented.clientId);
    if (client === undefined) throw refused(context, 'no client has this id');
    context.clientId = client.clientId;
    requireRegisteredMethod(client.registration, presented);
    if (presented.method === 'none') return client;
    if (presented.method === 'private_key_jwt') return this.assertions.verify(client, presented, context);
    const remembered = this.secrets.verifyRemembered(client.clientId, client.secretHash, presented.secret);
    if (remembered === true) return client;
    if (remembered === false) throw refused(context, 'the client secret is wrong');
    return this.verify(client, presented, context);
  }

  private async verify(client: ClientView, { secret }: PresentedSecret, by: RequestContext): Promise<ClientView> {
    const { clientId, secretHash } = client;
    if (!(await this.secrets.verify(clientId, secretHash, secret))) throw refused(by, 'the client secret is wrong');
    if (this.secrets.isOutdated(secretHash, secret)) await this.rehash(client, secret, by);
    return client;
  }

  /** Whatever goes wrong here, the client has proved who it is: the next process that verifies its secret tries again. */
  private async rehash({ clientId, secretHash }: ClientView, secret: string, by: RequestContext): Promise<void> {
    if (this.rehashing.has(secretHash)) return;
    this.rehashing.add(secretHash);
    try {
      await this.commands.execute(new RehashClientSecret(clientId, secretHash, secret, by));
    } catch (error) {
      this.applicationLog.logger.warn({ err: error }, 'a client secret could not be hashed anew');
    } finally {
      this.rehashing.delete(secretHash);
    }
  }
}

/** The client is not told which of it is wrong. */
function refused(context: RequestContext, detail: string): OAuthError {
  context.detail = detail;
  return wrongCredentials();
}
