import { type AuthorityEvent, eventSchemas } from '#libs/domain';
import { adminTokensProjection } from '../admin-tokens/admin-tokens.projection.js';
import { clientsProjection } from '../clients/clients.projection.js';
import { consentRequestsProjection } from '../consent-requests/consent-requests.projection.js';
import { idempotencyKeysProjection } from '../idempotency/idempotency-keys.projection.js';
import { keysProjection } from '../keys/keys.projection.js';
import { loginRequestsProjection } from '../login-requests/login-requests.projection.js';
import { type Projection } from './projection.js';
import { operationalStreamsProjection } from '../operational-streams/operational-streams.projection.js';
import { sessionsProjection } from '../sessions/sessions.projection.js';
import { subjectsProjection } from '../subjects/subjects.projection.js';
import { tokensProjection } from '../tokens/tokens.projection.js';

/** Every view, in the order in which events and the clean-up go through them: what looks at the rows of another one comes later. */
export const projections: readonly Projection[] = [
  clientsProjection,
  idempotencyKeysProjection,
  keysProjection,
  subjectsProjection,
  sessionsProjection,
  loginRequestsProjection,
  consentRequestsProjection,
  tokensProjection,
  adminTokensProjection,
  operationalStreamsProjection,
];

/** Which projections an event of a type goes to. */
export const projectionsByType: ReadonlyMap<string, readonly Projection[]> = byType();

/** Events we know and no view shows: they need not even be decoded. */
export const ignoredTypes: ReadonlySet<string> = new Set(
  (Object.keys(eventSchemas) as AuthorityEvent['type'][]).filter((type) => !projectionsByType.has(type)),
);

/** Names tables and code of this build; a file built by another one is built anew. */
export const projectionVersions: string = projections.map(({ name, version }) => `${name} v${version}`).join(', ');

function byType(): Map<string, Projection[]> {
  const map = new Map<string, Projection[]>();
  for (const projection of projections) {
    for (const type of projection.handles) map.set(type, [...(map.get(type) ?? []), projection]);
  }
  return map;
}
