import { type JsonObject } from '#libs/domain';
import { withParameters, goJson, laterClientJson } from '#libs/oauth2';
import { type RequestDetails } from '#libs/read-model';
import { type Generation } from '../generations/generation.js';

type RequestView = RequestDetails & {
  readonly challenge: string;
  readonly skip: boolean;
  readonly clientJson: string;
  readonly clientMetadata: string;
};

/**
 * A login or consent request as its app sees it: what both have in common, in the order of admin-api.md 3.5, the client's current
 * registration spliced in; then the members of its own.
 */
export function requestJson(request: RequestView, generation: Generation, own: JsonObject): string {
  const { clientJson, clientMetadata } = request;
  const ownMembers = Object.entries(own).map(([name, value]) => `"${name}":${goJson(value)}`);
  return `{${[
    `"challenge":${goJson(request.challenge)}`,
    `"requested_scope":${goJson(request.requestedScope)}`,
    `"requested_access_token_audience":${goJson(request.requestedAudience)}`,
    `"skip":${request.skip}`,
    `"subject":${goJson(request.subject)}`,
    `"oidc_context":${goJson(request.oidcContext)}`,
    `"client":${generation === 'rc.8' ? clientJson : laterClientJson(clientJson, clientMetadata)}`,
    `"request_url":${goJson(request.requestUrl)}`,
    ...ownMembers,
  ].join(',')}}`;
}

/** `CompletedRequest` (admin-api.md 3.7): the original authorization URL with a verifier in its query. */
export function completedJson({ requestUrl }: RequestDetails, verifier: Readonly<Record<string, string>>): string {
  return goJson({ redirect_to: withParameters(requestUrl, verifier) });
}
