import { BoundedCache } from '#libs/bounded-cache';
import { type Jwk } from '#libs/crypto';
import { oauthError, parseKeySet, signatureKeys } from '#libs/oauth2';
import { type ClientView } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { Clock } from '../commands/clock.js';
import { Configuration } from '../config/configuration.js';
import { ApplicationLog } from '../http/application-log.js';
import { failureOf, outboundGet } from '../http/outbound-get.js';
import { PublishedKeySet } from '../http/published-key-set.js';

/** Each has at most 128 KiB. */
const maxKeySets = 200;

/** The keys by which clients sign: in their registration, or behind their `jwks_uri`. */
@Injectable()
export class ClientKeys {
  private readonly published = new BoundedCache<string, PublishedKeySet>(maxKeySets);

  constructor(
    private readonly configuration: Configuration,
    private readonly clock: Clock,
    private readonly applicationLog: ApplicationLog,
  ) {}

  /**
   * @returns the keys of this `kid` that may sign, none when it is unknown
   * @throws OAuthError `invalid_client`, with the reason as debug text, when `jwks_uri` cannot be used
   */
  async find({ clientId, registration }: ClientView, kid: string): Promise<readonly Jwk[]> {
    const { jwks, jwks_uri: uri } = registration;
    if (uri === '') return signatureKeys((jwks?.keys ?? []).filter((key) => key.kid === kid));
    try {
      return await this.publishedAt(uri, clientId).find(kid);
    } catch (error) {
      throw unusable(error instanceof Error ? error.message : '');
    }
  }

  private publishedAt(uri: string, clientId: string): PublishedKeySet {
    const known = this.published.get(uri);
    if (known !== undefined) return known;
    const fresh = new PublishedKeySet(() => this.download(uri, clientId), this.clock);
    this.published.set(uri, fresh);
    return fresh;
  }

  private async download(uri: string, clientId: string): Promise<readonly Jwk[]> {
    try {
      return parseKeySet(await outboundGet(uri, this.configuration.outboundAllowPrivateAddresses, 'success'));
    } catch (error) {
      this.applicationLog.logger.warn({ clientId, ...failureOf(error) }, 'the jwks_uri of a client cannot be used');
      throw error;
    }
  }
}

function unusable(why: string): Error {
  return oauthError('invalid_client', 'The keys of the client could not be read.').withDebug(
    `jwks_uri cannot be used: ${why}`,
  );
}
