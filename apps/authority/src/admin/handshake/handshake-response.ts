import { type JsonObject } from '#libs/domain';
import { withParameters } from '#libs/oauth2';
import { type RequestDetails, goJson } from '#libs/read-model';

type RequestView = RequestDetails & { readonly challenge: string; readonly skip: boolean; readonly clientJson: string };

/**
 * A login or consent request as its app sees it: what both have in common, in the order of admin-api.md 3.5, the client's current
 * registration spliced in; then the members of its own.
 */
export function requestJson(request: RequestView, own: JsonObject): string {
  const ownMembers = Object.entries(own).map(([name, value]) => `"${name}":${goJson(value)}`);
  return `{${[
    `"challenge":${goJson(request.challenge)}`,
    `"requested_scope":${goJson(request.requestedScope)}`,
    `"requested_access_token_audience":${goJson(request.requestedAudience)}`,
    `"skip":${request.skip}`,
    `"subject":${goJson(request.subject)}`,
    `"oidc_context":${goJson(request.oidcContext)}`,
    `"client":${request.clientJson}`,
    `"request_url":${goJson(request.requestUrl)}`,
    ...ownMembers,
  ].join(',')}}`;
}

/** `CompletedRequest` (admin-api.md 3.7): the original authorization URL with a verifier in its query. */
export function completedJson({ requestUrl }: RequestDetails, verifier: Readonly<Record<string, string>>): string {
  return goJson({ redirect_to: withParameters(requestUrl, verifier) });
}
