import { type ClientRegistration } from '#libs/domain';
import { OAuthError, checkLaterRegistration, normaliseRegistration, sectorIdentifierCovers } from '#libs/oauth2';
import { Injectable } from '@nestjs/common';
import { Configuration } from '../../config/configuration.js';
import { type Generation } from '../generations/generation.js';
import { type ClientRequest, parseClientKeys } from './client-request.js';
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
  async of(request: ClientRequest, generation: Generation): Promise<ClientRegistration> {
    if (generation !== 'v26.2') return this.validated(request);
    try {
      const registration = await this.validated(request);
      checkLaterRegistration(registration);
      return registration;
    } catch (error) {
      throw error instanceof OAuthError ? inRegistrationTerms(error) : error;
    }
  }

  private async validated(request: ClientRequest): Promise<ClientRegistration> {
    const jwks = request.jwks === undefined ? null : parseClientKeys(request.jwks);
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

function inRegistrationTerms({ status, description, hint, debug }: OAuthError): OAuthError {
  const code = hint?.startsWith('redirect_uris') === true ? 'invalid_redirect_uri' : 'invalid_client_metadata';
  return new OAuthError({ code, status, description, hint, debug });
}
