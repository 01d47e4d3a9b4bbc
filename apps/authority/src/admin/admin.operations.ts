import { type Schema } from '../openapi/schema.js';
import { clientSchemas, laterClientSchemas, patchSchemas } from './clients/client-schemas.js';
import { clientOperations } from './clients/clients.operations.js';
import { consentOperations } from './consent/consent.operations.js';
import { byGeneration } from './generations/admin-operation.js';
import { handshakeSchemas } from './handshake/handshake-schemas.js';
import { laterHandshakeSchemas } from './handshake/later-handshake-schemas.js';
import { keySchemas, laterKeySchemas } from './keys/key-schemas.js';
import { keyOperations } from './keys/keys.operations.js';
import { loginOperations } from './login/login.operations.js';
import { sessionOperations } from './sessions/sessions.operations.js';
import { laterTokenSchemas, tokenSchemas } from './tokens/token-schemas.js';
import { tokenOperations } from './tokens/tokens.operations.js';

/** Every operation of the Admin API, in the order of its document. */
export const adminOperations = byGeneration([
  ...[...clientOperations, ...keyOperations, ...loginOperations, ...consentOperations],
  ...[...sessionOperations, ...tokenOperations],
]);

/** The schemas of rc.8. */
export const adminSchemas: Readonly<Record<string, Schema>> = {
  ...{ ...clientSchemas, ...keySchemas, ...handshakeSchemas, ...tokenSchemas },
};

/** What they are in later generations, where they differ: under the same names with `V1` for v1.11, `V26` for v26.2. */
export const laterSchemas: Readonly<Record<string, Schema>> = {
  ...{ ...laterHandshakeSchemas, ...laterClientSchemas, ...laterKeySchemas, ...laterTokenSchemas, ...patchSchemas },
};
