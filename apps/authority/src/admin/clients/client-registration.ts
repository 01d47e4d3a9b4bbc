import { type ClientRegistration } from '#libs/domain';
import { OAuthError, normaliseRegistration, oauthError, sectorIdentifierCovers } from '#libs/oauth2';
import { Injectable } from '@nestjs/common';
import { Configuration } from '../../config/configuration.js';
import { ApplicationLog } from '../../http/application-log.js';
import { failureOf, outboundGet } from '../../http/outbound-get.js';
import { type ApiGeneration } from '../generations/generation.js';
import { type ClientRequest, parseClientKeys } from './client-request.js';

/** Makes registrations of what clients are created and updated with. */
@Injectable()
export class ClientRegistrations {
  constructor(
    private readonly configuration: Configuration,
    private readonly applicationLog: ApplicationLog,
  ) {}

  /**
   * Validates and completes what was sent, in the order of admin-api.md 2.1.
   *
   * @throws OAuthError `invalid_request`, below `/admin` `invalid_redirect_uri` or `invalid_client_metadata` (RFC 7591 3.2.2)
   * @throws CryptoError `invalid_jwk`
   */
  async of(request: ClientRequest, generation: ApiGeneration): Promise<ClientRegistration> {
    try {
      const registration = await this.validated(request);
      generation.checkRegistration(registration);
      return registration;
    } catch (error) {
      throw error instanceof OAuthError ? generation.registrationError(error) : error;
    }
  }

  private async validated(request: ClientRequest): Promise<ClientRegistration> {
    const jwks = request.jwks === null ? null : parseClientKeys(request.jwks);
    const registration = normaliseRegistration(
      { ...request, jwks },
      {
        defaultScope: this.configuration.defaultClientScope,
        subjectTypesSupported: this.configuration.subjectTypes,
        plainHttpAllowed: this.configuration.outboundAllowPrivateAddresses,
      },
    );
    if (registration.sector_identifier_uri === '') return registration;
    const text = await this.sectorIdentifier(registration.sector_identifier_uri);
    sectorIdentifierCovers(parsed(text), registration.redirect_uris);
    return registration;
  }

  /** The document behind a `sector_identifier_uri` (OpenID Connect Dynamic Registration 5). */
  private async sectorIdentifier(uri: string): Promise<string> {
    try {
      return await outboundGet(uri, this.configuration.outboundAllowPrivateAddresses);
    } catch (error) {
      const failure = failureOf(error);
      this.applicationLog.logger.warn(failure, 'the sector_identifier_uri of a client cannot be used');
      throw unusable(failure.reason);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unusable('it is not JSON');
  }
}

function unusable(why: string): Error {
  const hint = 'Some of the client metadata is not valid.';
  return oauthError('invalid_request', hint).withDebug(`sector_identifier_uri cannot be used: ${why}`);
}
