import { type AppendOptions } from '#libs/event-store';
import { oauthError } from '#libs/oauth2';
import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';

/** The entity tags of an `If-Match`: any of a list, or any at all (RFC 9110 13.1.1). */
export type EntityTags = '*' | readonly string[];

/** A strong entity tag; of a revision, which a stream counts on over deletion and creation anew, or of a digest. */
export function entityTag(version: number | string): string {
  return `"${version}"`;
}

/** Injects what `If-Match` asks for; `undefined` without the header. @throws OAuthError `invalid_request` when it is malformed */
export const IfMatch = createParamDecorator((_data: unknown, context: ExecutionContext): EntityTags | undefined =>
  entityTagsOf(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
);

/** Whether a resource is one of those asked for; one that is not there (`current` undefined) never is. */
export function isMatch(wanted: EntityTags, current: string | undefined): boolean {
  return current !== undefined && (wanted === '*' || wanted.includes(current));
}

/** Makes a command conditional: its stream must be in a state that `tagOf` gives one of the wanted tags. */
export function onlyIf<State>(
  wanted: EntityTags | undefined,
  tagOf: (state: State, revision: number) => string | undefined,
): Pick<AppendOptions<State>, 'ifMatch'> {
  if (wanted === undefined) return {};
  return { ifMatch: (state, revision) => isMatch(wanted, tagOf(state, revision)) };
}

const tag = /(?:W\/)?"[\x21\x23-\x7e\x80-\u00ff]*"/.source;
const tagList = new RegExp(`^[ \\t,]*${tag}(?:[ \\t]*,[ \\t]*(?:${tag})?)*[ \\t]*$`);

/** Weak tags stay in the list and match nothing: the comparison is the strong one. */
function entityTagsOf(header: string | undefined): EntityTags | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return '*';
  if (header.length > 8192 || !tagList.test(header)) {
    throw oauthError('invalid_request', 'If-Match must be * or a list of entity tags.');
  }
  return header.match(new RegExp(tag, 'g')) ?? [];
}
