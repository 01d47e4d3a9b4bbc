import { uuidV4 } from '#libs/crypto';
import { type ClientRegistration, type Timestamp } from '#libs/domain';
import { normaliseRegistration, pagination, sectorIdentifierCovers } from '#libs/oauth2';
import { ReadModel, clientJson, findClient, listClientJson } from '#libs/read-model';
import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyReply } from 'fastify';
import { Configuration } from '../../config/configuration.js';
import { rowNotFound } from '../../errors/admin-error.js';
import { Caller } from '../../http/caller.js';
import { type RequestContext } from '../../http/request-context.js';
import { decodeBody, refuseDuplicateMembers } from '../body/decode-body.js';
import { ClientRequest, absentArrays, parseClientKeys } from './client-request.js';
import { importedSecretHash, refuseSecretHash } from './imported-secret.js';
import { CreateClient, DeleteClient, UpdateClient } from './client.commands.js';
import { SectorIdentifiers } from './sector-identifiers.js';

/** OAuth 2.0 clients (admin-api.md 2.1 to 2.5), but for GET of one, which is a raw route: `client.route.ts`. */
@Controller('clients')
export class ClientsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly readModel: ReadModel,
    private readonly configuration: Configuration,
    private readonly sectorIdentifiers: SectorIdentifiers,
  ) {}

  @Post()
  async create(
    @Body() text: string,
    @Caller() by: RequestContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const request = decodeBody(text, ClientRequest);
    if (request.jwks !== undefined) refuseDuplicateMembers(text, ['jwks', 'keys']);
    const importedHash = importedSecretHash(request);
    const registration = await this.registrationOf(request);
    const clientId = request.client_id === '' ? uuidV4() : request.client_id;
    const { committed, secret } = await this.commands.execute(
      new CreateClient(clientId, registration, request.client_secret, by, importedHash),
    );
    void reply
      .header('location', `/clients/${encodeURIComponent(clientId)}`)
      .header('content-type', 'application/json');
    const isPublic = registration.token_endpoint_auth_method === 'none';
    const { createdAt } = registeredAt(committed.state);
    return answer(clientId, registration, {
      createdAt,
      updatedAt: createdAt,
      request,
      secret: isPublic ? undefined : secret,
    });
  }

  @Get()
  @Header('content-type', 'application/json')
  list(@Query() query: Record<string, string>): string {
    return `[${listClientJson(this.readModel.db, pagination(query)).join(',')}]`;
  }

  @Put(':id')
  @Header('content-type', 'application/json')
  async update(@Param('id') clientId: string, @Body() text: string, @Caller() by: RequestContext): Promise<string> {
    const request = decodeBody(text, ClientRequest);
    if (request.jwks !== undefined) refuseDuplicateMembers(text, ['jwks', 'keys']);
    refuseSecretHash(request);
    const registration = await this.registrationOf(request);
    if (findClient(this.readModel.db, clientId) === undefined) throw rowNotFound(); // before argon2 is spent on a secret
    const { events, state } = await this.commands.execute(
      new UpdateClient(clientId, registration, request.client_secret, by),
    );
    const { createdAt } = registeredAt(state);
    const [{ data }] = events as [{ data: { updatedAt: Timestamp } }];
    const secret = request.client_secret === '' ? undefined : request.client_secret;
    return answer(clientId, registration, { createdAt, updatedAt: data.updatedAt, request, secret });
  }

  @Delete(':id')
  @HttpCode(204)
  async delete(@Param('id') clientId: string, @Caller() by: RequestContext): Promise<void> {
    await this.commands.execute(new DeleteClient(clientId, by));
  }

  /** Validates and completes what was sent, in the order of admin-api.md 2.1. */
  private async registrationOf(request: ClientRequest): Promise<ClientRegistration> {
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

function registeredAt(state: unknown): { createdAt: Timestamp } {
  return state as { createdAt: Timestamp };
}

function answer(
  clientId: string,
  registration: ClientRegistration,
  {
    createdAt,
    updatedAt,
    request,
    secret,
  }: { createdAt: Timestamp; updatedAt: Timestamp; request: ClientRequest; secret: string | undefined },
): string {
  const options = { nullArrays: absentArrays(request), ...(secret === undefined ? {} : { secret }) };
  return clientJson(clientId, registration, createdAt, updatedAt, options);
}
