import { type ClientRegistration, type Timestamp } from '#libs/domain';
import { clientJson, clientMetadataJson, laterClientJson } from '#libs/oauth2';
import { type Generation } from '../generations/generation.js';

/** The `OAuth2Client` that answers a write: as `clientJson`; below `/admin` as GET answers, and the secret. */
export function clientAnswer(
  generation: Generation,
  written: {
    readonly clientId: string;
    readonly registration: ClientRegistration;
    readonly createdAt: Timestamp;
    readonly updatedAt: Timestamp;
    readonly secret?: string;
    readonly nullArrays: readonly string[];
  },
): string {
  const { clientId, registration, createdAt, updatedAt, nullArrays, ...secret } = written;
  if (generation === 'rc.8') return clientJson(clientId, registration, createdAt, updatedAt, { nullArrays, ...secret });
  const json = clientJson(clientId, registration, createdAt, updatedAt, secret);
  return laterClientJson(json, clientMetadataJson(registration));
}
