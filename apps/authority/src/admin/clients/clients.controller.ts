import { uuidV4 } from '#libs/crypto';
import { type ClientRegistration, type Timestamp } from '#libs/domain';
import { pagination } from '#libs/oauth2';
import { ReadModel, clientJson, listClientJson } from '#libs/read-model';
import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { rowNotFound } from '../../errors/admin-error.js';
import { Caller } from '../../http/caller.js';
import { type EntityTags, IfMatch } from '../../http/entity-tags.js';
import { ApiGeneration, type Generation, pathPrefix } from '../../http/generation.js';
import { type RequestContext } from '../../http/request-context.js';
import { decodeBody, refuseDuplicateMembers } from '../body/decode-body.js';
import { clientPage } from '../generations/client-pages.js';
import { ClientRegistrations } from './client-registrations.js';
import { ClientRequest, absentArrays } from './client-request.js';
import { ClientUpdates } from './client-updates.js';
import { CreateClient, DeleteClient } from './client.commands.js';
import { importedSecretHash } from './imported-secret.js';

/** OAuth 2.0 clients (admin-api.md 2.1 to 2.5), but for GET of one, which is a raw route: `client.route.ts`. */
@Controller(['clients', 'admin/clients'])
export class ClientsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly readModel: ReadModel,
    private readonly registrations: ClientRegistrations,
    private readonly updates: ClientUpdates,
  ) {}

  @Post()
  async create(
    @Body() text: string,
    @Caller() by: RequestContext,
    @ApiGeneration() generation: Generation,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const request = decodeBody(text, ClientRequest);
    if (request.jwks !== undefined) refuseDuplicateMembers(text, ['jwks', 'keys']);
    const importedHash = importedSecretHash(request);
    const registration = await this.registrations.of(request, generation);
    const clientId = request.client_id === '' ? uuidV4() : request.client_id;
    const { committed, secret } = await this.commands.execute(
      new CreateClient(clientId, registration, request.client_secret, by, importedHash),
    );
    void reply
      .header('location', `${pathPrefix(generation)}/clients/${encodeURIComponent(clientId)}`)
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
  list(
    @Query() query: Record<string, string>,
    @ApiGeneration() generation: Generation,
    @Req() { url }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    if (generation === 'v26.2') return clientPage(this.readModel, { url, query }, reply);
    return `[${listClientJson(this.readModel.db, pagination(query)).join(',')}]`;
  }

  @Put(':id')
  @Header('content-type', 'application/json')
  async update(
    @Param('id') clientId: string,
    @Body() text: string,
    @Caller() by: RequestContext,
    @ApiGeneration() generation: Generation,
    @IfMatch() ifMatch: EntityTags | undefined,
  ): Promise<string> {
    const request = decodeBody(text, ClientRequest);
    if (request.jwks !== undefined) refuseDuplicateMembers(text, ['jwks', 'keys']);
    return this.updates.replace(clientId, request, { by, generation, ifMatch });
  }

  @Delete(':id')
  @HttpCode(204)
  async delete(
    @Param('id') clientId: string,
    @Caller() by: RequestContext,
    @ApiGeneration() generation: Generation,
    @IfMatch() ifMatch: EntityTags | undefined,
  ): Promise<void> {
    const { events } = await this.commands.execute(new DeleteClient(clientId, by, ifMatch));
    if (events.length === 0 && generation === 'v26.2') throw rowNotFound();
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
