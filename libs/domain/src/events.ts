import { type AdminTokenEvent, adminTokenEventSchemas } from './admin-token/admin-token.js';
import { type ClientAssertionEvent, clientAssertionEventSchemas } from './client/client-assertion.js';
import { type ClientEvent, clientEventSchemas, clientUpcasters } from './client/client.js';
import { type ConsentEvent, consentEventSchemas } from './consent/consent.js';
import { type GrantEvent, grantEventSchemas } from './grant/grant.js';
import { type KeySecretEvent, keySecretEventSchemas } from './key-set/key-secret.js';
import { type KeySetEvent, keySetEventSchemas } from './key-set/key-set.js';
import { type LoginEvent, loginEventSchemas, loginUpcasters } from './login/login.js';
import { type RelayEvent, relayEventSchemas } from './relay/relay.js';
import { type RetentionEvent, retentionEventSchemas } from './retention/retention.js';
import { type RootEvent, rootEventSchemas } from './root/root.js';
import { type SessionEvent, sessionEventSchemas } from './session/session.js';
import { type EventSchemas, type EventUpcasters } from './shared.js';
import { type SubjectKeyEvent, subjectKeyEventSchemas } from './subject/subject-key.js';
import { type SubjectEvent, subjectEventSchemas } from './subject/subject.js';

/** Every event of the authority. Shipped shapes are for ever: test/fixtures/events holds one file for each. */
export type AuthorityEvent =
  | RootEvent
  | ClientEvent
  | ClientAssertionEvent
  | KeySetEvent
  | KeySecretEvent
  | SubjectEvent
  | SubjectKeyEvent
  | LoginEvent
  | SessionEvent
  | ConsentEvent
  | GrantEvent
  | RetentionEvent
  | RelayEvent
  | AdminTokenEvent;

export const eventSchemas: EventSchemas<AuthorityEvent> = {
  ...rootEventSchemas,
  ...clientEventSchemas,
  ...clientAssertionEventSchemas,
  ...keySetEventSchemas,
  ...keySecretEventSchemas,
  ...subjectEventSchemas,
  ...subjectKeyEventSchemas,
  ...loginEventSchemas,
  ...sessionEventSchemas,
  ...consentEventSchemas,
  ...grantEventSchemas,
  ...retentionEventSchemas,
  ...relayEventSchemas,
  ...adminTokenEventSchemas,
};

/** What leads older versions of these events to the current one. */
export const eventUpcasters: EventUpcasters = { ...clientUpcasters, ...loginUpcasters };
