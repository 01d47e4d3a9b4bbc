import { checkImportedHash } from '#libs/crypto';
import { oauthError, unsupportedOf } from '#libs/oauth2';
import { Body, Controller, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ImportClient, ImportConsent } from '../../commands/import.commands.js';
import { Caller } from '../../http/caller.js';
import { Route } from '../../http/endpoint.js';
import { queryValue } from '../../http/query-value.js';
import { type RequestContext } from '../../http/request-context.js';
import { ClientRegistrations } from '../clients/client-registration.js';
import { decodeClient } from '../clients/client-request.js';
import { type Query as QueryValues } from '../generations/pages.js';
import { rc8 } from '../generations/rc8.js';
import { v262 } from '../generations/v26-2.js';
import { decodeBody, malformed, parse } from '../wire/decode-body.js';
import { ConsentToImport, grantedElsewhere } from './consent-to-import.js';
import { importClient, importConsent } from './imports.operations.js';

/** Takes over what a Hydra installation has (docs/adr/0018). */
@Controller()
export class ImportsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly registrations: ClientRegistrations,
  ) {}

  /** Members are those of the newest generation, rules those of the oldest: whatever Hydra took is to be taken. */
  @Route(importClient)
  async client(@Body() text: string, @Query() query: QueryValues, @Caller() by: RequestContext): Promise<string> {
    const request = decodeClient(text, v262);
    const { client_id: clientId, client_secret: secret, client_secret_hash: secretHash } = request;
    if (clientId === '') throw oauthError('invalid_request', 'client_id is missing.');
    if (secret !== '') throw oauthError('invalid_request', 'client_secret cannot be imported, client_secret_hash can.');
    if (secretHash !== '') checkImportedHash(secretHash);
    const registration = await this.registrations.of(request, rc8);
    const run = { by, dryRun: isDryRun(query) };
    const { outcome, newSecret } = await this.commands.execute(
      new ImportClient(clientId, registration, secretHash, run),
    );
    const unsupported = unsupportedOf(parse(text));
    return JSON.stringify({ client_id: clientId, outcome, unsupported, client_secret: newSecret });
  }

  @Route(importConsent)
  async consent(@Body() text: string, @Query() query: QueryValues, @Caller() by: RequestContext): Promise<string> {
    const granted = grantedElsewhere(decodeBody(text, ConsentToImport));
    const outcome = await this.commands.execute(new ImportConsent(granted, { by, dryRun: isDryRun(query) }));
    return JSON.stringify({ challenge: granted.challenge, outcome });
  }
}

/** @throws OAuthError `invalid_request`: what was meant as a rehearsal must not happen */
function isDryRun(query: QueryValues): boolean {
  const value = queryValue(query, 'dry_run') ?? 'false';
  if (value !== 'true' && value !== 'false') throw malformed('dry_run must be true or false');
  return value === 'true';
}
