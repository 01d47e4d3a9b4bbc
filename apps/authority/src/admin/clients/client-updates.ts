import { ReadModel, findClient } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { rowNotFound } from '../../http/errors/admin-error.js';
import { type EntityTags, entityTag } from '../../http/entity-tags.js';
import { type ApiGeneration } from '../generations/generation.js';
import { type RequestContext } from '../../http/request-context.js';
import { clientAnswer } from './client-answer.js';
import { ClientRegistrations } from './client-registrations.js';
import { type ClientRequest, absentArrays } from '../wire/client-request.js';
import { UpdateClient } from '../../commands/client.commands.js';
import { refuseSecretHash } from './imported-secret.js';

/** `ifMatch`: entity tags of which the client must have one; not asked for when undefined. */
export type UpdateConditions = {
  readonly by: RequestContext;
  readonly generation: ApiGeneration;
  readonly ifMatch: EntityTags | undefined;
};

/** Replaces registrations, for PUT and PATCH alike. */
@Injectable()
export class ClientUpdates {
  constructor(
    private readonly commands: CommandBus,
    private readonly readModel: ReadModel,
    private readonly registrations: ClientRegistrations,
  ) {}

  /**
   * @returns the `OAuth2Client` answer (admin-api.md 2.4), and the entity tag of what GET answers now
   * @throws AdminError 404; OAuthError, CryptoError as `refuseSecretHash` and `ClientRegistrations.of`; PreconditionFailedError
   */
  async replace(
    clientId: string,
    request: ClientRequest,
    conditions: UpdateConditions,
  ): Promise<{ answer: string; tag: string }> {
    const { by, generation, ifMatch } = conditions;
    refuseSecretHash(request);
    const registration = await this.registrations.of(request, generation);
    if (findClient(this.readModel.db, clientId) === undefined) throw rowNotFound(); // before argon2 is spent on a secret
    const {
      events: [updated],
      state,
    } = await this.commands.execute(new UpdateClient(clientId, registration, request.client_secret, by, ifMatch));
    if (updated?.type !== 'ClientUpdated' || state.status === 'none')
      throw new TypeError('a client is updated by ClientUpdated');
    const { createdAt, registrationRevision } = state;
    const { updatedAt } = updated.data;
    const secret = request.client_secret === '' ? {} : { secret: request.client_secret };
    const options = { nullArrays: absentArrays(request), ...secret };
    const answer = clientAnswer(generation, { clientId, registration, createdAt, updatedAt, ...options });
    return { answer, tag: entityTag(registrationRevision) };
  }
}
