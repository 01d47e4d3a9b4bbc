import { type ClientRegistration, type Timestamp } from '#libs/domain';
import { clientJson, clientMetadataJson } from '#libs/oauth2';
import { type ApiGeneration } from '../generations/generation.js';

/** The `OAuth2Client` that answers a write: as `clientJson`; below `/admin` as GET answers, and the secret. */
export function clientAnswer(
  generation: ApiGeneration,
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
  const options = generation.echoesAbsentLists ? { nullArrays, ...secret } : secret;
  const json = clientJson(clientId, registration, createdAt, updatedAt, options);
  return generation.clientJson(json, clientMetadataJson(registration));
}
