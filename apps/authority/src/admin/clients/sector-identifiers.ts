import { oauthError } from '#libs/oauth2';
import { Injectable } from '@nestjs/common';

const timeoutMs = 5000;
const maxBytes = 1024 * 1024;

/** Fetches `sector_identifier_uri` documents (OpenID Connect Dynamic Registration 5): https, no redirects, bounded in time and size. */
@Injectable()
export class SectorIdentifiers {
  /**
   * @returns the document, parsed
   * @throws OAuthError `invalid_request` with the reason as debug text
   */
  async fetch(uri: string): Promise<unknown> {
    const text = await this.download(uri).catch((error: unknown) => {
      throw unusable(error instanceof Error ? error.message : 'it could not be fetched');
    });
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw unusable('it is not JSON');
    }
  }

  private async download(uri: string): Promise<string> {
    const response = await fetch(uri, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += (chunk as Uint8Array).length;
      if (bytes > maxBytes) throw new Error('it is larger than 1 MiB');
      chunks.push(chunk as Uint8Array);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

function unusable(why: string): Error {
  return oauthError('invalid_request').withDebug(`sector_identifier_uri cannot be used: ${why}`);
}
