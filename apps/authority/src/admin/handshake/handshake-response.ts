import { type JsonObject } from '#libs/domain';
import { goJson, withParameters } from '#libs/oauth2';
import { type RequestDetails } from '#libs/read-model';

type RequestView = RequestDetails & {
  readonly challenge: string;
  readonly skip: boolean;
  readonly clientJson: string;
  readonly clientExtension: string;
};

/** What the answers about requests differ in, from generation to generation. */
export type RequestWire = {
  /** An `OAuth2Client`, of that of rc.8 and the members that came later. */
  readonly clientJson: (json: string, extension: string) => string;
};

/**
 * A login or consent request as its app sees it: what both have in common, in the order of admin-api.md 3.5, the client's current
 * registration spliced in; then the members of its own.
 */
export function requestJson(request: RequestView, wire: RequestWire, own: JsonObject): string {
  const { clientJson, clientExtension } = request;
  const ownMembers = Object.entries(own).map(([name, value]) => `"${name}":${goJson(value)}`);
  return `{${[
    `"challenge":${goJson(request.challenge)}`,
    `"requested_scope":${goJson(request.requestedScope)}`,
    `"requested_access_token_audience":${goJson(request.requestedAudience)}`,
    `"skip":${request.skip}`,
    `"subject":${goJson(request.subject)}`,
    `"oidc_context":${goJson(request.oidcContext)}`,
    `"client":${wire.clientJson(clientJson, clientExtension)}`,
    `"request_url":${goJson(request.requestUrl)}`,
    ...ownMembers,
  ].join(',')}}`;
}

/** `CompletedRequest` (admin-api.md 3.7): the original authorization URL with a verifier in its query. */
export function completedJson({ requestUrl }: RequestDetails, verifier: Readonly<Record<string, string>>): string {
  return goJson({ redirect_to: withParameters(requestUrl, verifier) });
}
