import { ReadModel, findClient } from '#libs/read-model';
import { Body, Controller, Param, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { DeleteClient } from '../../commands/client.commands.js';
import { Caller } from '../../http/caller.js';
import { Route, served } from '../../http/endpoint.js';
import { type EntityTags, IfMatch, entityTag } from '../../http/entity-tags.js';
import { rowNotFound } from '../../http/errors/admin-error.js';
import { sendAdminError } from '../../http/errors/error-filters.js';
import { type RequestContext } from '../../http/request-context.js';
import { answerUnrouted } from '../../http/unrouted.js';
import { Generation } from '../generations/admin-operation.js';
import { type ApiGeneration } from '../generations/generation.js';
import { parse } from '../wire/decode-body.js';
import { decodeClient } from './client-request.js';
import { ClientWrites } from './client-writes.js';
import { createClient, deleteClient, getClient, listClients, patchClient, updateClient } from './clients.operations.js';

/** OAuth 2.0 clients (admin-api.md 2.1 to 2.5), but for GET of one: `clientRoute`. */
@Controller()
export class ClientsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly readModel: ReadModel,
    private readonly writes: ClientWrites,
  ) {}

  @Route(...createClient)
  async create(
    @Body() text: string,
    @Caller() by: RequestContext,
    @Generation() generation: ApiGeneration,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const request = decodeClient(text, generation);
    const { clientId, json, tag } = await this.writes.create(request, { by, generation });
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
    const request = decodeClient(text, generation);
    const { json } = await this.writes.replace(clientId, request, { by, generation, ifMatch });
    return json; // without its tag: what is stored is not what was sent (RFC 9110 9.3.4)
  }

  /** RFC 6902, since v1.10.2; below `/admin`, as rc.8 refuses the method where its own paths are (admin-api.md 4). */
  @Route(...patchClient)
  async patch(
    @Param('id') clientId: string,
    @Body() text: string,
    @Caller() by: RequestContext,
    @IfMatch() ifMatch: EntityTags | undefined,
    @Generation() generation: ApiGeneration,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { json, tag } = await this.writes.patch(clientId, parse(text), { by, generation, ifMatch });
    void reply.header('etag', tag); // of the client as it is now (RFC 9110 8.8)
    return json;
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

/** GetOAuth2Client (admin-api.md 2.3): one of the hottest reads, so a raw route (architecture.md: HTTP surface). */
export function clientRoute(server: FastifyInstance, { readModel }: { readModel: ReadModel }): void {
  type Route = { Params: { id: string } };
  for (const endpoint of getClient) {
    const { clientJson } = endpoint.generation;
    server.get<Route>(endpoint.path, { config: served(endpoint) }, async (request, reply) => {
      if (request.params.id === '') return answerUnrouted(request, reply); // `/clients/`: the router takes no name for one
      try {
        const behind = request.context.caughtUp ? undefined : readModel.catchUp();
        if (behind !== undefined) await behind;
        const found = findClient(readModel.db, request.params.id);
        if (found === undefined) throw rowNotFound();
        return await reply
          .header('content-type', 'application/json')
          .header('etag', entityTag(found.revision))
          .send(clientJson(found.json, found.extension));
      } catch (error) {
        sendAdminError(error, request, reply);
        return reply;
      }
    });
  }
}
