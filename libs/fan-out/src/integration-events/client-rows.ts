import { type Jwk, publicJwk } from '#libs/crypto';
import { type ClientAssertionEvent, type ClientEvent, type ClientRegistration, type JsonObject } from '#libs/domain';
import { aggregate } from './integration-event.js';
import { rows } from './row.js';

const client = (clientId: string) => ({ key: clientId, aggregate: aggregate('client', clientId) });

/** Clients: keyed by client id. */
export const clientRows = rows<ClientEvent['type'] | ClientAssertionEvent['type']>({
  ClientCreated: {
    topic: 'client.v1',
    type: 'hydrant.client.created.v1',
    summary: 'A client was registered.',
    content: ({ clientId, registration }) => ({
      ...client(clientId),
      data: { clientId, registration: published(registration) },
    }),
  },
  ClientUpdated: {
    topic: 'client.v1',
    type: 'hydrant.client.updated.v1',
    summary: 'A registration was replaced. `changed` names the members that differ now; none when nothing does.',
    needsFacts: true,
    content: ({ clientId, registration }, { registration: before }) => ({
      ...client(clientId),
      data: { clientId, registration: published(registration), changed: changedMembers(before, registration) },
    }),
  },
  ClientSecretRotated: {
    topic: 'client.v1',
    type: 'hydrant.client.secret_rotated.v1',
    summary: 'A client got another secret.',
    content: ({ clientId }) => ({ ...client(clientId), data: { clientId } }),
  },
  ClientSecretRehashed: { stays: 'the secret is the same; only how it is stored has changed' },
  ClientAssertionUsed: { stays: 'a step of client authentication; what came of it is an event of its own' },
  ClientDeleted: {
    topic: 'client.v1',
    type: 'hydrant.client.deleted.v1',
    summary: 'A client was deleted; its tokens, consents and pending requests ended with it.',
    content: ({ clientId }) => ({ ...client(clientId), data: { clientId } }),
  },
});

/** Logs of before hold keys as they were sent: whatever is private in one is left out here. */
function published(registration: ClientRegistration): JsonObject {
  const { jwks, ...others } = registration;
  if (jwks === undefined) return others;
  const keys = jwks.keys?.map((key) => publicJwk(key as Jwk)) ?? null;
  return { ...others, jwks: { keys } };
}

function changedMembers(before: ClientRegistration | undefined, after: ClientRegistration): string[] {
  const [was, is]: [JsonObject, JsonObject] = [before ?? {}, after];
  const names = new Set([...Object.keys(was), ...Object.keys(is)]);
  return [...names].filter((name) => JSON.stringify(was[name]) !== JSON.stringify(is[name])).sort();
}
