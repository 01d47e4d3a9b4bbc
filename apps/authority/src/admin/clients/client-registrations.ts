import { type ClientRegistration } from '#libs/domain';
import { OAuthError, normaliseRegistration, sectorIdentifierCovers } from '#libs/oauth2';
import { Injectable } from '@nestjs/common';
import { Configuration } from '../../config/configuration.js';
import { type ApiGeneration } from '../generations/generation.js';
import { type ClientRequest, parseClientKeys } from '../wire/client-request.js';
import { SectorIdentifiers } from './sector-identifiers.js';

/** Makes registrations of what clients are created and updated with. */
@Injectable()
export class ClientRegistrations {
  constructor(
    private readonly configuration: Configuration,
    private readonly sectorIdentifiers: SectorIdentifiers,
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
      { defaultScope: this.configuration.defaultClientScope, subjectTypesSupported: this.configuration.subjectTypes },
    );
    if (registration.sector_identifier_uri === '') return registration;
    const listed = await this.sectorIdentifiers.fetch(registration.sector_identifier_uri);
    sectorIdentifierCovers(listed, registration.redirect_uris);
    return registration;
  }
}
