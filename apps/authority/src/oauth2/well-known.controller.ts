import { discoveryDocument, goJson } from '#libs/oauth2';
import { ReadModel, publishedKeys } from '#libs/read-model';
import { Controller, Get, Header } from '@nestjs/common';
import { idTokenKeySet } from '../commands/key-set.commands.js';
import { Configuration } from '../config/configuration.js';
import { notFound } from '../http/errors/admin-error.js';

/** Discovery and public keys (oauth2-flows.md 1.6, 1.7). */
@Controller('.well-known')
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

  @Get('openid-configuration')
  @Header('content-type', 'application/json')
  discovery(): string {
    return this.document;
  }

  @Get('jwks.json')
  @Header('content-type', 'application/json')
  keys(): string {
    const keys = publishedKeys(this.readModel.db, this.publishedSets);
    if (keys.length === 0) throw notFound();
    return `{"keys":[${keys.join(',')}]}`;
  }
}
