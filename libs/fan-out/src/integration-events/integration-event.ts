import { type Json, type JsonObject } from '#libs/domain';

/** The families of integration events; each has a topic of its own, behind `KAFKA_TOPIC_PREFIX`. */
export const topics = ['client.v1', 'key.v1', 'consent.v1', 'session.v1', 'token.v1'] as const;
export type Topic = (typeof topics)[number];

/** What is missing on purpose: the person was erased, or the stream that told more was deleted when its time was over. */
export type Unavailable = 'erased' | 'expired';

/**
 * An event of the log as others see it. A contract of its own, not the stored shape: it never holds a secret, a hash of one, a sealed
 * value, a token, a code, a verifier, a cookie or a private key.
 */
export type IntegrationEvent = {
  readonly topic: Topic;
  /** Of CloudEvents: `hydrant.`, what happened, and the version of its shape. */
  readonly type: string;
  /** Orders it: events of one key are in log order. */
  readonly key: string;
  /** What it is about, `<kind>/<id>`: `ce_subject`. */
  readonly aggregate: string;
  readonly data: JsonObject;
};

/** What a row of the table makes of a stored event. */
export type Content = {
  readonly key: string;
  readonly aggregate: string;
  readonly data: Members;
  /** What names the person, left out with `KAFKA_SUBJECTS=hash`; of an erased person it is not known any more. */
  readonly personal?: Members;
};

/** Members of a body; those that are undefined are left out. */
export type Members = { readonly [member: string]: Json | undefined };

/** The members that are there. */
export function present(members: Members): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter((member): member is [string, Json] => member[1] !== undefined),
  );
}

/** `<kind>/<id>`, as `ce_subject` names it. */
export function aggregate(kind: string, id: string): string {
  return `${kind}/${id}`;
}
