import { ReadModel } from '#libs/read-model';
import { Body, Controller, Param, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { rowNotFound } from '../../http/errors/admin-error.js';
import { Caller } from '../../http/caller.js';
import { type EntityTags, IfMatch } from '../../http/entity-tags.js';
import { type ApiGeneration } from '../generations/generation.js';
import { Generation } from '../generations/admin-operation.js';
import { Route } from '../../http/endpoint.js';
import { type RequestContext } from '../../http/request-context.js';
import { ClientCreations } from './client-creations.js';
import { decodeClient } from '../wire/client-request.js';
import { ClientUpdates } from './client-updates.js';
import { DeleteClient } from '../../commands/client.commands.js';
import { createClient, deleteClient, listClients, updateClient } from './clients.operations.js';

/** OAuth 2.0 clients (admin-api.md 2.1 to 2.5), but for GET of one, which is a raw route: `client.route.ts`. */
@Controller()
export class ClientsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly readModel: ReadModel,
    private readonly creations: ClientCreations,
    private readonly updates: ClientUpdates,
  ) {}

  @Route(...createClient)
  async create(
    @Body() text: string,
    @Caller() by: RequestContext,
    @Generation() generation: ApiGeneration,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const request = decodeClient(text, generation.clientModel);
    const { clientId, json, tag } = await this.creations.create(request, { by, generation });
    void reply
      .header('location', `${generation.pathPrefix}/clients/${encodeURIComponent(clientId)}`)
      .header('etag', tag);
    return json;
  }

  @Route(...listClients)
  list(
    @Query() query: Record<string, string>,
    @Generation() generation: ApiGeneration,
    @Req() { url }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    return generation.listClients(this.readModel, { url, query }, reply);
  }

  @Route(...updateClient)
  async update(
    @Param('id') clientId: string,
    @Body() text: string,
    @Caller() by: RequestContext,
    @Generation() generation: ApiGeneration,
    @IfMatch() ifMatch: EntityTags | undefined,
  ): Promise<string> {
    const request = decodeClient(text, generation.clientModel);
    const { answer } = await this.updates.replace(clientId, request, { by, generation, ifMatch });
    return answer; // without its tag: what is stored is not what was sent (RFC 9110 9.3.4)
  }

  @Route(...deleteClient)
  async delete(
    @Param('id') clientId: string,
    @Caller() by: RequestContext,
    @Generation() generation: ApiGeneration,
    @IfMatch() ifMatch: EntityTags | undefined,
  ): Promise<void> {
    const { events } = await this.commands.execute(new DeleteClient(clientId, by, ifMatch));
    if (events.length === 0 && generation.deletesOnlyWhatIsThere) throw rowNotFound();
  }
}
