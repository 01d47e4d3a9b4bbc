import { verifyJwtSignature } from '#libs/crypto';
import {
  type PresentedAssertion,
  assertionKeyId,
  checkAssertionClaims,
  issuerUrl,
  oauthError,
  singleUseOf,
  wrongCredentials,
} from '#libs/oauth2';
import { type ClientView } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { UseClientAssertion } from '../commands/client.commands.js';
import { Clock } from '../commands/clock.js';
import { Configuration } from '../config/configuration.js';
import { type RequestContext } from '../http/request-context.js';
import { ClientKeys } from './client-keys.js';

/** Verifies the assertions of clients that registered `private_key_jwt` (RFC 7523, OpenID Connect Core 1.0 9). */
@Injectable()
export class ClientAssertions {
  /** The token endpoint as rc.8 wants it, and as discovery names it. */
  private readonly audiences: readonly string[];
  private readonly countOnce: boolean;

  constructor(
    private readonly keys: ClientKeys,
    private readonly clock: Clock,
    private readonly commands: CommandBus,
    { publicUrl, issuer, clientAssertionCompat }: Configuration,
  ) {
    this.audiences = [publicUrl, issuer].map((url) => issuerUrl(url, 'oauth2/token'));
    this.countOnce = clientAssertionCompat !== 'rc8';
  }

  /**
   * Marks the assertion as used, on every instance, unless rc.8's ways are asked for.
   *
   * @param client the one that the assertion names, known and registered for this method
   * @throws OAuthError `invalid_request` (no `kid`, or an unknown one) | `invalid_client`
   */
  async verify(client: ClientView, presented: PresentedAssertion, by: RequestContext): Promise<ClientView> {
    const { clientId } = client;
    const keys = await this.keys.find(client, assertionKeyId(presented));
    if (keys.length === 0) {
      throw oauthError('invalid_request', 'The client has no RSA key with this kid and the use sig.');
    }
    const claims = await verifyJwtSignature(presented.assertion, keys);
    if (claims === undefined) throw wrongCredentials().withDebug('the signature of the client assertion is wrong');
    const now = this.clock.now();
    const checked = checkAssertionClaims(claims, { clientId, audiences: this.audiences, now });
    if (this.countOnce) await this.commands.execute(new UseClientAssertion(clientId, singleUseOf(checked, now), by));
    return client;
  }
}
