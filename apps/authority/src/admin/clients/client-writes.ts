import { RootKey, checkImportedHash, deriveClientSecret, generateClientSecret } from '#libs/crypto';
import { type Client, type ClientEvent, type ClientRegistration, type Timestamp, client } from '#libs/domain';
import { type Committed, PreconditionFailedError, UnavailableError } from '#libs/event-store';
import { clientJson, clientExtensionJson, oauthError } from '#libs/oauth2';
import { ReadModel, findClient, findClientByIdempotencyKey } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { CreateClient, type NewSecret, UpdateClient } from '../../commands/client.commands.js';
import { CommandContext } from '../../commands/command-context.js';
import { type EntityTags, entityTag, isMatch } from '../../http/entity-tags.js';
import {
  idempotencyKeyReused,
  preconditionFailed,
  repeatOfWhatIsGone,
  rowNotFound,
} from '../../http/errors/admin-error.js';
import { type RequestContext } from '../../http/request-context.js';
import { type ApiGeneration } from '../generations/generation.js';
import { malformed } from '../wire/decode-body.js';
import { patched } from '../wire/json-patch.js';
import { ClientRegistrations } from './client-registration.js';
import { type ClientRequest, absentArrays, decodeClient } from './client-request.js';

type ClientCommitted = Committed<Client, ClientEvent>;

/** Who writes, and in which generation of the API. */
export type Writing = { readonly by: RequestContext; readonly generation: ApiGeneration };

/** `ifMatch`: entity tags of which the client must have one; not asked for when undefined. */
export type Replacing = Writing & { readonly ifMatch: EntityTags | undefined };

/** The `OAuth2Client` that answers, and the entity tag of what GET answers now. */
export type WrittenClient = { readonly clientId: string; readonly json: string; readonly tag: string };

/** How often a patch begins anew because the client was changed meanwhile. */
const attempts = 10;

/** Creates clients and replaces their registrations: what is around the command, from a decoded request to the answer. */
@Injectable()
export class ClientWrites {
  constructor(
    private readonly commands: CommandBus,
    private readonly context: CommandContext,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
    private readonly registrations: ClientRegistrations,
  ) {}

  /**
   * Registers a client, and shows its secret (admin-api.md 2.1). A repeat of a request with an `Idempotency-Key` gets the answer of
   * the first one, made of its event.
   *
   * @throws OAuthError, CryptoError as `importedSecretHash` and `ClientRegistrations.of`; DomainError `client_exists`; AdminError 409
   *   and 422 about an `Idempotency-Key`
   */
  async create(request: ClientRequest, { by, generation }: Writing): Promise<WrittenClient> {
    const secret = this.secretOf(request, by);
    const clientId = request.client_id === '' ? this.context.newId(by) : request.client_id;
    const committed = await this.context.once({ decider: client, id: clientId, by }, async () => {
      this.refuseKeyOfAnotherClient(clientId, by);
      const registration = await this.registrations.of(request, generation);
      return this.commands.execute(new CreateClient(clientId, registration, secret, by));
    });
    if (committed.repeated === true && !isThere(committed)) throw repeatOfWhatIsGone();
    return {
      clientId,
      json: createdJson(request, { secret, committed }, generation),
      tag: entityTag(committed.revision),
    };
  }

  /**
   * Replaces a registration (admin-api.md 2.4).
   *
   * @throws AdminError 404; OAuthError, CryptoError as `refuseSecretHash` and `ClientRegistrations.of`; PreconditionFailedError
   */
  async replace(
    clientId: string,
    request: ClientRequest,
    { by, generation, ifMatch }: Replacing,
  ): Promise<WrittenClient> {
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
    const secret = request.client_secret === '' ? undefined : request.client_secret;
    const json = answerTo(request, { clientId, registration, createdAt, updatedAt, secret }, generation);
    return { clientId, json, tag: entityTag(registrationRevision) };
  }

  /**
   * Changes a client by a JSON Patch (RFC 6902). The patch is for the client as GET shows it, without its secret; adding
   * `client_secret` sets another one.
   *
   * @throws AdminError 404, 412; OAuthError `invalid_request`; as `replace`
   */
  async patch(clientId: string, patch: unknown, { by, generation, ifMatch }: Replacing): Promise<WrittenClient> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const found = findClient(this.readModel.db, clientId);
      if (found === undefined) throw rowNotFound();
      const base = entityTag(found.revision);
      if (ifMatch !== undefined && !isMatch(ifMatch, base)) throw preconditionFailed();
      const shown: unknown = JSON.parse(generation.clientJson(found.json, found.extension));
      const request = decodeClient(JSON.stringify(patched(shown, patch)), generation);
      if (request.client_id !== clientId) throw malformed('client_id cannot be changed');
      try {
        return await this.replace(clientId, request, { by, generation, ifMatch: [base] });
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
        await this.readModel.catchUp(); // somebody was faster: patch what is there now
      }
    }
    throw new UnavailableError(`client ${clientId} keeps changing`);
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

/**
 * The hash a new client brings instead of its secret, `''` for none (docs/adr/0008).
 *
 * @throws CryptoError `invalid_secret_hash`
 * @throws OAuthError `invalid_request` when there is a secret as well
 */
function importedSecretHash({ client_secret_hash: hash, client_secret: secret }: ClientRequest): string {
  if (hash === '') return '';
  if (secret !== '') throw oauthError('invalid_request', 'client_secret and client_secret_hash exclude each other.');
  checkImportedHash(hash);
  return hash;
}

/** @throws OAuthError `invalid_request`: the secret of a client that is there is changed by a secret, not by a hash */
function refuseSecretHash({ client_secret_hash: hash }: ClientRequest): void {
  if (hash === '') return;
  throw oauthError('invalid_request', 'client_secret_hash is for new clients only; send client_secret to change it.');
}

function createdJson(
  request: ClientRequest,
  { secret, committed }: { secret: NewSecret; committed: ClientCommitted },
  generation: ApiGeneration,
): string {
  const { events, commandId } = committed;
  const [created] = events;
  if (created?.type !== 'ClientCreated') throw new TypeError('a client is created by ClientCreated');
  const { clientId, registration, createdAt } = created.data;
  const shown = registration.token_endpoint_auth_method === 'none' ? undefined : shownSecret(secret, commandId);
  return answerTo(request, { clientId, registration, createdAt, updatedAt: createdAt, secret: shown }, generation);
}

function shownSecret(secret: NewSecret, commandId: string): string | undefined {
  if ('generatedFor' in secret) return secret.generatedFor(commandId);
  return 'chosen' in secret ? secret.chosen : undefined;
}

type Written = {
  readonly clientId: string;
  readonly registration: ClientRegistration;
  readonly createdAt: Timestamp;
  readonly updatedAt: Timestamp;
  readonly secret: string | undefined;
};

/** The `OAuth2Client` that answers a write: what GET shows, and the secret. */
function answerTo(request: ClientRequest, written: Written, generation: ApiGeneration): string {
  const { clientId, ...described } = written;
  const nullArrays = generation.echoesAbsentLists ? absentArrays(request) : [];
  const json = clientJson(clientId, { ...described, nullArrays });
  return generation.clientJson(json, clientExtensionJson(described.registration));
}
