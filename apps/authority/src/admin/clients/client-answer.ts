import { type ClientRegistration, type Timestamp } from '#libs/domain';
import { clientJson, clientMetadataJson, laterClientJson } from '#libs/read-model';
import { type Generation } from '../../http/generation.js';

/** The `OAuth2Client` that answers a write: as `clientJson`, below `/admin` with `metadata`. */
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
  const { clientId, registration, createdAt, updatedAt, ...options } = written;
  const json = clientJson(clientId, registration, createdAt, updatedAt, options);
  return generation === 'rc.8' ? json : laterClientJson(json, clientMetadataJson(registration));
}
