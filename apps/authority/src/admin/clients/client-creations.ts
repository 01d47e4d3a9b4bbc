import { RootKey, deriveClientSecret, generateClientSecret } from '#libs/crypto';
import { type Client, type ClientEvent, client } from '#libs/domain';
import { type Committed } from '#libs/event-store';
import { ReadModel, findClientByIdempotencyKey } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { CommandContext } from '../../commands/command-context.js';
import { idempotencyKeyReused, repeatOfWhatIsGone } from '../../http/errors/admin-error.js';
import { entityTag } from '../../http/entity-tags.js';
import { type ApiGeneration } from '../generations/generation.js';
import { type RequestContext } from '../../http/request-context.js';
import { clientAnswer } from './client-answer.js';
import { ClientRegistrations } from './client-registrations.js';
import { type ClientRequest, absentArrays } from '../wire/client-request.js';
import { CreateClient, type NewSecret } from '../../commands/client.commands.js';
import { importedSecretHash } from './imported-secret.js';

type ClientCommitted = Committed<Client, ClientEvent>;

/** Registers clients. A repeat of a request with an `Idempotency-Key` gets the answer of the first one, made of its event. */
@Injectable()
export class ClientCreations {
  constructor(
    private readonly commands: CommandBus,
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
    private readonly registrations: ClientRegistrations,
  ) {}

  /**
   * @returns the client's id, the `OAuth2Client` answer with its secret (admin-api.md 2.1), and its entity tag as it was created
   * @throws OAuthError, CryptoError as `importedSecretHash` and `ClientRegistrations.of`; DomainError `client_exists`; AdminError 409
   *   and 422 about an `Idempotency-Key`
   */
  async create(
    request: ClientRequest,
    { by, generation }: { by: RequestContext; generation: ApiGeneration },
  ): Promise<{ clientId: string; json: string; tag: string }> {
    const secret = this.secretOf(request, by);
    const clientId = request.client_id === '' ? this.context.newId(by) : request.client_id;
    const committed = await this.context.once(client, clientId, by, async () => {
      this.refuseKeyOfAnotherClient(clientId, by);
      const registration = await this.registrations.of(request, generation);
      return this.commands.execute(new CreateClient(clientId, registration, secret, by));
    });
    if (committed.repeated === true && !isThere(committed)) throw repeatOfWhatIsGone();
    return { clientId, json: answer(request, secret, committed, generation), tag: entityTag(committed.revision) };
  }

  /** A secret that is to be shown again derives from the root key; else it is random, and nobody can find it out. */
  private secretOf(request: ClientRequest, { idempotency }: RequestContext): NewSecret {
    const importedHash = importedSecretHash(request);
    if (importedHash !== '') return { importedHash };
    if (request.client_secret !== '') return { chosen: request.client_secret };
    if (idempotency !== undefined) return { generatedFor: (commandId) => deriveClientSecret(this.root, commandId) };
    const generated = generateClientSecret();
    return { generatedFor: () => generated };
  }

  /** The path does not name the client, so a body with another `client_id` would not be looked for in the stream of the first. */
  private refuseKeyOfAnotherClient(clientId: string, { idempotency }: RequestContext): void {
    if (idempotency === undefined) return;
    const earlier = findClientByIdempotencyKey(this.readModel.db, idempotency.keyHash);
    if (earlier !== undefined && earlier !== clientId) throw idempotencyKeyReused();
  }
}

function isThere({ state, revision }: ClientCommitted): boolean {
  return state.status === 'registered' && state.incarnation === revision;
}

function answer(
  request: ClientRequest,
  secret: NewSecret,
  { events, commandId }: ClientCommitted,
  generation: ApiGeneration,
): string {
  const [created] = events;
  if (created?.type !== 'ClientCreated') throw new TypeError('a client is created by ClientCreated');
  const { clientId, registration, createdAt } = created.data;
  const shown = registration.token_endpoint_auth_method === 'none' ? undefined : shownSecret(secret, commandId);
  const options = { nullArrays: absentArrays(request), ...(shown === undefined ? {} : { secret: shown }) };
  return clientAnswer(generation, { clientId, registration, createdAt, updatedAt: createdAt, ...options });
}

function shownSecret(secret: NewSecret, commandId: string): string | undefined {
  if ('generatedFor' in secret) return secret.generatedFor(commandId);
  return 'chosen' in secret ? secret.chosen : undefined;
}
