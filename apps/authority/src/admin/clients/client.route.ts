import { type ReadModel, findClient } from '#libs/read-model';
import { type FastifyInstance } from 'fastify';
import { rowNotFound } from '../../http/errors/admin-error.js';
import { sendAdminError } from '../../http/errors/error-filters.js';
import { entityTag } from '../../http/entity-tags.js';
import { answerUnrouted } from '../../http/unrouted.js';
import { served } from '../../http/endpoint.js';
import { getClient } from './clients.operations.js';

/** GetOAuth2Client (admin-api.md 2.3): one of the hottest reads, so a raw route (architecture.md: HTTP surface). */
export function clientRoute(server: FastifyInstance, { readModel }: { readModel: ReadModel }): void {
  type Route = { Params: { id: string } };
  for (const endpoint of getClient) {
    const { clientJson } = endpoint.generation;
    server.get<Route>(endpoint.path, { config: served(endpoint) }, async (request, reply) => {
      if (request.params.id === '') return answerUnrouted(request, reply); // `/clients/`: the router takes no name for one
      try {
        const behind = readModel.catchUp();
        if (behind !== undefined) await behind;
        const found = findClient(readModel.db, request.params.id);
        if (found === undefined) throw rowNotFound();
        return await reply
          .header('content-type', 'application/json')
          .header('etag', entityTag(found.revision))
          .send(clientJson(found.json, found.metadata));
      } catch (error) {
        sendAdminError(error, request, reply);
        return reply;
      }
    });
  }
}
