import { ClientSecrets } from '#libs/crypto';
import {
  type FormValues,
  type PresentedCredentials,
  oauthError,
  presentedCredentials,
  requireRegisteredMethod,
} from '#libs/oauth2';
import { type ClientView, ReadModel, findClient } from '#libs/read-model';
import { Injectable } from '@nestjs/common';

/** Who asks at the token and revocation endpoints (RFC 6749 2.3, oauth2-flows.md 3.9). */
@Injectable()
export class ClientAuthentication {
  constructor(
    private readonly readModel: ReadModel,
    private readonly secrets: ClientSecrets,
  ) {}

  /**
   * Synchronous for secrets this process has verified before, which argon2id is too dear to do again.
   *
   * @throws OAuthError `invalid_request` | `invalid_client`
   */
  authenticate(authorization: string | undefined, body: FormValues): ClientView | Promise<ClientView> {
    const presented = presentedCredentials({ authorization, body });
    const client = findClient(this.readModel.db, presented.clientId);
    if (client === undefined) throw unknownClient();
    requireRegisteredMethod(client.registration, presented);
    if (presented.method === 'none') return client;
    const remembered = this.secrets.verifyRemembered(client.clientId, client.secretHash, presented.secret);
    if (remembered === true) return client;
    if (remembered === false) throw unknownClient();
    return this.verify(client, presented);
  }

  private async verify(client: ClientView, { secret }: PresentedCredentials): Promise<ClientView> {
    if (await this.secrets.verify(client.clientId, client.secretHash, secret)) return client;
    throw unknownClient();
  }
}

function unknownClient(): Error {
  return oauthError('invalid_client', 'The client is unknown, or its credentials are wrong.');
}
