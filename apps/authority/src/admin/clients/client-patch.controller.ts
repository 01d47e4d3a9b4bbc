import { PreconditionFailedError, UnavailableError } from '#libs/event-store';
import { ReadModel, findClient } from '#libs/read-model';
import { Body, Controller, Param, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { preconditionFailed, rowNotFound } from '../../http/errors/admin-error.js';
import { Caller } from '../../http/caller.js';
import { type EntityTags, IfMatch, entityTag, isMatch } from '../../http/entity-tags.js';
import { type ApiGeneration } from '../generations/generation.js';
import { Generation } from '../generations/admin-operation.js';
import { type RequestContext } from '../../http/request-context.js';
import { decodeBody, malformed, parse } from '../wire/decode-body.js';
import { ClientUpdates } from './client-updates.js';
import { patched } from '../wire/json-patch.js';
import { Route } from '../../http/endpoint.js';
import { patchClient } from './clients.operations.js';

const attempts = 10;

/** PATCH of a client, RFC 6902, since v1.10.2; below `/admin`, as rc.8 refuses the method where its own paths are (admin-api.md 4). */
@Controller()
export class ClientPatchController {
  constructor(
    private readonly readModel: ReadModel,
    private readonly updates: ClientUpdates,
  ) {}

  /** The patch is for the client as GET shows it, without its secret; adding `client_secret` sets another one. */
  @Route(...patchClient)
  async patch(
    @Param('id') clientId: string,
    @Body() text: string,
    @Caller() by: RequestContext,
    @IfMatch() ifMatch: EntityTags | undefined,
    @Generation() generation: ApiGeneration,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const patch = parse(text);
    for (let attempt = 0; attempt < attempts; attempt++) {
      const found = findClient(this.readModel.db, clientId);
      if (found === undefined) throw rowNotFound();
      const base = entityTag(found.revision);
      if (ifMatch !== undefined && !isMatch(ifMatch, base)) throw preconditionFailed();
      const shown: unknown = JSON.parse(generation.clientJson(found.json, found.metadata));
      const request = decodeBody(JSON.stringify(patched(shown, patch)), generation.clientModel);
      if (request.client_id !== clientId) throw malformed('client_id cannot be changed');
      try {
        const { answer, tag } = await this.updates.replace(clientId, request, { by, generation, ifMatch: [base] });
        void reply.header('etag', tag); // of the client as it is now (RFC 9110 8.8)
        return answer;
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
        await this.readModel.catchUp(); // somebody was faster: patch what is there now
      }
    }
    throw new UnavailableError(`client ${clientId} keeps changing`);
  }
}
