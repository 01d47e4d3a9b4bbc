import { discoveryDocument, goJson } from '#libs/oauth2';
import { ReadModel, publishedKeys } from '#libs/read-model';
import { Controller } from '@nestjs/common';
import { idTokenKeySet } from '../commands/signing-keys.js';
import { Configuration } from '../config/configuration.js';
import { notFound } from '../http/errors/admin-error.js';
import { Route } from '../http/endpoint.js';

/** Discovery and public keys (oauth2-flows.md 1.6, 1.7). */
@Controller()
export class WellKnownController {
  private readonly document: string;
  private readonly publishedSets: string[];

  constructor(
    private readonly readModel: ReadModel,
    { issuer, publicUrl, subjectTypes, discovery }: Configuration,
  ) {
    const {
      supportedClaims,
      supportedScopes,
      userinfoUrl = '',
      clientRegistrationUrl: registrationUrl = '',
    } = discovery;
    const config = {
      issuer,
      publicUrl,
      userinfoUrl,
      registrationUrl,
      supportedClaims,
      supportedScopes,
      subjectTypesSupported: subjectTypes,
    };
    this.document = goJson(discoveryDocument(config));
    this.publishedSets = [...new Set([idTokenKeySet, ...discovery.broadcastKeySets])];
  }

  @Route({
    method: 'GET',
    path: '/.well-known/openid-configuration',
    catchesUp: 'not',
    status: 200,
    contentType: 'application/json',
  })
  discovery(): string {
    return this.document;
  }

  @Route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    catchesUp: 'first',
    status: 200,
    contentType: 'application/json',
  })
  keys(): string {
    const keys = publishedKeys(this.readModel.db, this.publishedSets);
    if (keys.length === 0) throw notFound();
    return `{"keys":[${keys.join(',')}]}`;
  }
}
