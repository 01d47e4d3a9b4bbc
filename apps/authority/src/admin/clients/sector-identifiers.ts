import { oauthError } from '#libs/oauth2';
import { Injectable } from '@nestjs/common';
import { Configuration } from '../../config/configuration.js';
import { outboundGet } from '../../http/outbound-get.js';

/** Fetches `sector_identifier_uri` documents (OpenID Connect Dynamic Registration 5). */
@Injectable()
export class SectorIdentifiers {
  constructor(private readonly configuration: Configuration) {}

  /**
   * @returns the document, parsed
   * @throws OAuthError `invalid_request` with the reason as debug text
   */
  async fetch(uri: string): Promise<unknown> {
    const text = await this.download(uri);
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw unusable('it is not JSON');
    }
  }

  private async download(uri: string): Promise<string> {
    try {
      return await outboundGet(uri, this.configuration.outboundAllowPrivateAddresses);
    } catch (error) {
      throw unusable(error instanceof Error ? error.message : 'it could not be fetched');
    }
  }
}

function unusable(why: string): Error {
  const hint = 'Some of the client metadata is not valid.';
  return oauthError('invalid_request', hint).withDebug(`sector_identifier_uri cannot be used: ${why}`);
}
