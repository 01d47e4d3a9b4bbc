import {
  type AuthorizeParameters,
  type ValidAuthorizeRequest,
  oauthError,
  parameter,
  scopeStrategy,
  storedParameters,
  validateAuthorizeRequest,
} from '#libs/oauth2';
import { type ClientView, ReadModel, findClient } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { Configuration } from '../../config/configuration.js';
import { type RequestContext } from '../../http/request-context.js';
import { AuthorizeError, type ErrorTarget } from './authorize-error.js';
import { type Browser, type BrowserChange } from '../browser.js';

/** One call of the authorization endpoint. */
export type AuthorizeCall = {
  readonly parameters: AuthorizeParameters;
  readonly browser: Browser;
  readonly by: RequestContext;
};

/** What is to happen when a call succeeds: where the browser is sent, and what it is told to keep or forget on the way. */
export type NextStep = { readonly redirectTo: string; readonly changes: readonly BrowserChange[] };

/** What a flow has stored and later calls must not contradict. */
type StoredFlow = {
  readonly clientId: string;
  readonly request: { readonly redirectUri: string };
  readonly requestUrl: string;
};

/** Validates calls against the client as it is now, and says where their errors go. */
@Injectable()
export class AuthorizeCalls {
  constructor(
    private readonly readModel: ReadModel,
    private readonly configuration: Configuration,
  ) {}

  /** @throws AuthorizeError */
  validate({ parameters, by }: Pick<AuthorizeCall, 'parameters' | 'by'>): {
    client: ClientView;
    valid: ValidAuthorizeRequest;
    target: ErrorTarget;
  } {
    const clientId = parameter(parameters.values, 'client_id');
    const client = clientId === undefined ? undefined : findClient(this.readModel.db, clientId);
    by.clientId = client?.clientId;
    const { pkceEnforcedFor } = this.configuration;
    const config = { scopeStrategy: scopeStrategy(this.configuration.scopeStrategy), pkceEnforcedFor };
    const validation = validateAuthorizeRequest({ parameters, client, config });
    if (!validation.ok) {
      const { redirectTo, state, error } = validation;
      throw new AuthorizeError(error, redirectTo === undefined ? undefined : { redirectUri: redirectTo, state });
    }
    if (client === undefined) throw new TypeError('a valid request has a client');
    return {
      client,
      valid: validation,
      target: { redirectUri: validation.request.redirectUri, state: validation.state },
    };
  }

  /**
   * Refuses a call whose verifier belongs to no living flow. The error goes where the call itself would be answered.
   *
   * @throws AuthorizeError `access_denied`, or what is wrong with the call's own parameters
   */
  refuseVerifier(call: AuthorizeCall): never {
    const { target } = this.validate(call);
    throw new AuthorizeError(oauthError('access_denied', 'The verifier is unknown.'), target);
  }

  /**
   * The stored request of a flow is what counts; a call that names another client or redirect URI is not of that flow (D1). It is
   * checked once more against the client as it is now (oauth2-flows.md 2.1): a redirect URI taken away meanwhile gets no answer.
   *
   * @returns where errors of the flow go
   * @throws AuthorizeError `access_denied`, or what is wrong with the stored request by now
   */
  targetOf(call: AuthorizeCall, flow: StoredFlow): ErrorTarget {
    const { values } = call.parameters;
    const { redirectUri } = flow.request;
    const sentClientId = parameter(values, 'client_id') ?? flow.clientId;
    const sentRedirectUri = parameter(values, 'redirect_uri') ?? redirectUri;
    if (sentClientId !== flow.clientId || sentRedirectUri !== redirectUri) {
      call.by.detail = 'the client or redirect URI is not that of the flow';
      this.refuseVerifier(call);
    }
    const { target } = this.validate({ parameters: storedParameters(flow.requestUrl), by: call.by });
    if (target.redirectUri === redirectUri) return target;
    throw new AuthorizeError(oauthError('invalid_request', 'The redirect_uri is no longer registered.'), undefined);
  }
}
