import { type Jwk, parseJwk } from '#libs/crypto';
import { goJson } from '#libs/oauth2';
import { type KeyView, ReadModel, findKey, findKeySet } from '#libs/read-model';
import { Body, Controller, Param, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { IsString } from 'class-validator';
import { type FastifyReply } from 'fastify';
import { notFound, rowNotFound } from '../../http/errors/admin-error.js';
import { Caller } from '../../http/caller.js';
import { type EntityTags, IfMatch, entityTag } from '../../http/entity-tags.js';
import { type ApiGeneration } from '../generations/generation.js';
import { Generation } from '../generations/admin-operation.js';
import { Route } from '../../http/endpoint.js';
import { type RequestContext } from '../../http/request-context.js';
import { decodeBody, malformed, parse, refuseDuplicateMembers } from '../wire/decode-body.js';
import { DeleteKeys, GenerateKeys, PutKey, PutKeySet } from '../../commands/key-set.commands.js';
import { KeySecrets } from '../../commands/key-secrets.js';
import { keyTag } from '../../commands/key-tag.js';
import { deleteKey, deleteKeySet, generateKeys, getKey, getKeySet, putKey, putKeySet } from './keys.operations.js';

const maxNameLength = 255;

/** `JsonWebKeySetGeneratorRequest` (admin-api.md 3.2). */
class GenerateKeysRequest {
  static readonly unknownMembers = 'ignore';
  @IsString() alg = '';
  @IsString() kid = '';
  @IsString() use = '';
}

/** JSON Web Key sets (admin-api.md 2.6 to 2.12). Reads show private parts, as rc.8 does: the listener is for administrators. */
@Controller()
export class KeysController {
  constructor(
    private readonly commands: CommandBus,
    private readonly readModel: ReadModel,
    private readonly secrets: KeySecrets,
  ) {}

  @Route(...generateKeys)
  async generate(
    @Param('set') set: string,
    @Body() text: string,
    @Caller() by: RequestContext,
    @Generation() generation: ApiGeneration,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { alg, kid, use } = decodeBody(text, GenerateKeysRequest);
    checkedName(generation.generatedKid(alg, kid));
    const generate = new GenerateKeys(checkedName(set), { alg, kid, use }, by, generation.generateKeys);
    const jwks = await this.commands.execute(generate);
    void reply.header('location', `${generation.pathPrefix}/keys/${encodeURIComponent(set)}`);
    return goJson({ keys: jwks });
  }

  @Route(...getKeySet)
  getSet(@Param('set') set: string, @Res({ passthrough: true }) reply: FastifyReply): string {
    const found = findKeySet(this.readModel.db, set);
    if (found === undefined) throw notFound();
    void reply.header('etag', entityTag(found.revision));
    return this.render(found.keys);
  }

  @Route(...putKeySet)
  async putSet(
    @Param('set') set: string,
    @Body() text: string,
    @Caller() by: RequestContext,
    @IfMatch() ifMatch: EntityTags | undefined,
  ): Promise<string> {
    const keys = keysOf(parse(text));
    refuseDuplicateMembers(text, ['keys']);
    await this.commands.execute(new PutKeySet(checkedName(set), keys ?? [], by, ifMatch));
    return goJson({ keys });
  }

  @Route(...deleteKeySet)
  async deleteSet(
    @Param('set') set: string,
    @Caller() by: RequestContext,
    @IfMatch() ifMatch: EntityTags | undefined,
  ): Promise<void> {
    await this.commands.execute(new DeleteKeys(set, undefined, by, ifMatch));
  }

  @Route(...getKey)
  getKey(
    @Param('set') set: string,
    @Param('kid') kid: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    const found = findKey(this.readModel.db, set, kid);
    if (found === undefined) throw rowNotFound();
    void reply.header('etag', keyTag(found.publicJwk, found.secretId));
    return this.render([found]);
  }

  /** The key goes by the `kid` in the body; the one in the path is only what `If-Match` is about (admin-api.md 2.11). */
  @Route(...putKey)
  async putKey(
    @Param('set') set: string,
    @Param('kid') kid: string,
    @Body() text: string,
    @Caller() by: RequestContext,
    @IfMatch() wanted: EntityTags | undefined,
  ): Promise<string> {
    const key = checkedKey(parse(text));
    refuseDuplicateMembers(text, []);
    await this.commands.execute(new PutKey(checkedName(set), key, by, { kid, wanted }));
    return goJson(key);
  }

  @Route(...deleteKey)
  async deleteKey(
    @Param('set') set: string,
    @Param('kid') kid: string,
    @Caller() by: RequestContext,
    @IfMatch() ifMatch: EntityTags | undefined,
  ): Promise<void> {
    await this.commands.execute(new DeleteKeys(set, kid, by, ifMatch));
  }

  private render(keys: readonly KeyView[]): string {
    return goJson({ keys: keys.map((key) => this.secrets.unseal(key)) });
  }
}

/** `null` where the body has no `keys` or has `null` for them; the set is deleted then as it is for `[]`. */
function keysOf(body: unknown): Jwk[] | null {
  if (body === null) return null;
  if (typeof body !== 'object' || Array.isArray(body)) throw malformed('the body must be an object');
  const [, keys] = Object.entries(body).findLast(([name]) => name.toLowerCase() === 'keys') ?? [];
  if (keys === undefined || keys === null) return null;
  if (!Array.isArray(keys)) throw malformed('keys must be an array');
  return keys.map(checkedKey);
}

function checkedKey(value: unknown): Jwk {
  const key = parseJwk(value);
  checkedName(key.kid ?? '');
  return key;
}

function checkedName(name: string): string {
  if ([...name].length > maxNameLength)
    throw malformed(`set and kid must be shorter than or equal to ${maxNameLength} characters`);
  return name;
}
