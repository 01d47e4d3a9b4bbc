import { mintAdminToken } from '#libs/crypto';
import { type AdminToken, type AdminTokenCommand, type AdminTokenEvent, adminToken } from '#libs/domain';
import { type Committed } from '#libs/event-store';
import { type AdminTokenView } from '#libs/read-model';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { isCallerName } from '../http/caller-name.js';
import { isPermission, permissions } from '../http/permission.js';
import { type RequestContext } from '../http/request-context.js';
import { CommandContext } from './command-context.js';

/** What a new token is to be. `scope`: permissions with blanks or commas in between, or `all` of them. */
export type AdminTokenRequest = { readonly name: string; readonly scope: string; readonly lifeMs: number };

/** A token that is not recorded yet: the only place where it stands in clear. */
export type MintedAdminToken = {
  readonly token: string;
  readonly data: Extract<AdminTokenCommand, { type: 'CreateAdminToken' }>['data'];
};

/** How long a token lives where nobody says, and at most. */
export const adminTokenLife = { usualSeconds: 90 * 24 * 3_600, maxSeconds: 10 * 365 * 24 * 3_600 } as const;

/** Whether a token may be for this name. */
export function isAdminTokenName(name: string): boolean {
  return /^[A-Za-z0-9][\w.@-]{0,63}$/.test(name) && isCallerName(name);
}

/** Makes a token as it is asked for; what cannot be is returned as a sentence. */
export function mintAdminTokenAsAsked(
  { name, scope, lifeMs }: AdminTokenRequest,
  now: Date,
): MintedAdminToken | string {
  if (!isAdminTokenName(name)) {
    return 'name must be 1 to 64 letters, digits and ._@-, and none of admin, public, hydrant, bootstrap';
  }
  const listed = scope.split(/[\s,]+/).filter((each) => each !== '');
  const scopes = listed.length === 1 && listed[0] === 'all' ? permissions : [...new Set(listed)];
  if (scopes.length === 0 || !scopes.every(isPermission)) {
    return `scope must be all, or list some of ${permissions.join(', ')}`;
  }
  if (!(lifeMs >= 1000 && lifeMs <= adminTokenLife.maxSeconds * 1000))
    return 'a token lives for a second at least, and for ten years at most';
  const { token, hash: tokenHash } = mintAdminToken();
  return { token, data: { name, tokenHash, scopes, expiresAt: new Date(now.getTime() + lifeMs).toISOString() } };
}

/** A token as it is shown, over HTTP and on the command line. */
export type ShownAdminToken = {
  readonly name: string;
  readonly scope: string;
  readonly created_at: string;
  readonly expires_at: string;
};

export function shownAdminToken({ name, scopes, createdAt, expiresAt }: AdminTokenView): ShownAdminToken {
  return { name, scope: scopes.join(' '), created_at: createdAt, expires_at: expiresAt };
}

export class CreateAdminToken extends Command<Committed<AdminToken, AdminTokenEvent>> {
  constructor(
    readonly data: MintedAdminToken['data'],
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(CreateAdminToken)
class CreateAdminTokenHandler implements ICommandHandler<CreateAdminToken> {
  constructor(private readonly context: CommandContext) {}

  execute({ data, by }: CreateAdminToken) {
    const command = { type: 'CreateAdminToken', data, now: this.context.now() } as const;
    return this.context.commit(adminToken, data.name, { command, by });
  }
}

export class RevokeAdminToken extends Command<Committed<AdminToken, AdminTokenEvent>> {
  constructor(
    readonly name: string,
    readonly by: RequestContext,
  ) {
    super();
  }
}

@CommandHandler(RevokeAdminToken)
class RevokeAdminTokenHandler implements ICommandHandler<RevokeAdminToken> {
  constructor(private readonly context: CommandContext) {}

  execute({ name, by }: RevokeAdminToken) {
    const command = { type: 'RevokeAdminToken', data: { name }, now: this.context.now() } as const;
    return this.context.commit(adminToken, name, { command, by });
  }
}

export const adminTokenHandlers = [CreateAdminTokenHandler, RevokeAdminTokenHandler];
