import { RootKey, readUnverifiedJwt, uuidV7 } from '#libs/crypto';
import { type AskedLogin } from '#libs/domain';
import {
  type AuthorizeParameters,
  type LoginChallengeContent,
  decodeLoginChallenge,
  encodeLoginChallenge,
  openIdConnectContext,
  parameter,
  parseAuthorizeParameters,
  requestUrl,
  understoodHint,
  understoodRequest,
} from '#libs/oauth2';
import {
  type ClientView,
  type LoginRequestView,
  type LoginSessionView,
  ReadModel,
  detailsOf,
  findClient,
  findLoginRequest,
  findLoginSession,
  isLoginRecorded,
} from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { Configuration } from '../config/configuration.js';
import { Clock } from './clock.js';

/** Of the time when each request was an event. */
const formerChallenge = /^[\da-f]{32}$/;

/** What a challenge says by itself: which request it is of, and, but for former ones, what that asks for. */
export type LoginChallenge = {
  readonly id: string;
  readonly text: string;
  readonly content: LoginChallengeContent | undefined;
};

/** A login request as its app sees it. `asked`: what is to be recorded with its decision, while nothing of it is in the log. */
export type FoundLoginRequest = { readonly shown: LoginRequestView; readonly asked?: AskedLogin };

type Foundation = {
  readonly content: LoginChallengeContent;
  readonly parameters: AuthorizeParameters;
  readonly client: ClientView;
  readonly session: LoginSessionView | null;
};

/** Login requests: until they are decided their challenges hold them, and the log has nothing of them. */
@Injectable()
export class LoginRequests {
  private readonly context: string;

  constructor(
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
    private readonly clock: Clock,
    private readonly configuration: Configuration,
  ) {
    this.context = `login ${configuration.issuer}`;
  }

  /** The challenge of a new request, undefined where it would be too long. */
  newChallenge(asked: LoginChallengeContent): string | undefined {
    const content = encodeLoginChallenge(asked);
    const id = uuidV7(asked.requestedAt).replaceAll('-', '');
    return content === undefined ? undefined : this.root.sealChallenge(id, content, this.context);
  }

  /** Reads a challenge; undefined for what is none of ours. Asks neither log nor read model. */
  read(text: string): LoginChallenge | undefined {
    if (formerChallenge.test(text)) return { id: text, text, content: undefined };
    const opened = this.root.openChallenge(text, this.context);
    return opened === undefined ? undefined : { id: opened.id, text, content: decodeLoginChallenge(opened.content) };
  }

  /** The request of a challenge: as the read model has it, else as the challenge does; undefined when it is dead, erased or long over. */
  find(challenge: LoginChallenge): FoundLoginRequest | undefined {
    const { id, text, content } = challenge;
    const { db } = this.readModel;
    const foundation = content === undefined ? undefined : this.foundationOf(content);
    if (content !== undefined && foundation === undefined) return undefined;
    const recorded = findLoginRequest(db, id);
    if (recorded !== undefined) {
      return recorded.challenge === text && this.isKept(recorded) ? { shown: recorded } : undefined;
    }
    return foundation === undefined || isLoginRecorded(db, id) ? undefined : this.held(challenge, foundation);
  }

  /** What a request rests on, with its parameters; undefined when its client or its session is gone, or its time is long over. */
  private foundationOf(content: LoginChallengeContent): Foundation | undefined {
    if (!this.isKept(content)) return undefined;
    const { db } = this.readModel;
    const parameters = parseAuthorizeParameters(content.rawQuery, undefined);
    const client = findClient(db, parameter(parameters.values, 'client_id') ?? '');
    if (client?.incarnation !== content.clientIncarnation) return undefined;
    const session = content.sessionId === null ? null : findLoginSession(db, content.sessionId);
    return session === undefined ? undefined : { content, parameters, client, session };
  }

  /** What a challenge holds. */
  private held(
    { id, text }: LoginChallenge,
    { content, parameters, client, session }: Foundation,
  ): Required<FoundLoginRequest> {
    const { csrfHash, requestedAt, redirectUri, hintVerified } = content;
    const hint = parameter(parameters.values, 'id_token_hint');
    const claims = hint === undefined || !hintVerified ? undefined : readUnverifiedJwt(hint)?.claims;
    const { request, state, nonce } = understoodRequest(parameters.values, redirectUri);
    const { clientId, incarnation: clientIncarnation } = client;
    const asked: AskedLogin = {
      ...{ challenge: id, challengeText: text, clientId, clientIncarnation, requestedAt: requestedAt.toISOString() },
      ...{ verifierHash: this.root.secretValueHash(this.root.verifier('login', id)), csrfHash, request, state, nonce },
      requestUrl: requestUrl(this.configuration.issuer, parameters),
      oidcContext: openIdConnectContext(parameters, claims),
      idTokenHint: understoodHint(hint, claims),
      session: session === null ? null : { sessionId: session.sessionId, authenticatedAt: session.authenticatedAt },
      ...(session === null ? {} : { subject: session.subject, subjectHash: session.subjectHash }),
    };
    const shown = {
      ...{ id, challenge: text, status: 'requested' as const, clientId, clientIncarnation, requestedAt },
      ...{ ...detailsOf(asked), skip: session !== null, sessionId: session?.sessionId ?? '' },
      ...{ clientJson: client.json, clientExtension: client.extension },
    };
    return { shown, asked };
  }

  /** For a while after it could be used, a request is shown and may be decided, which is then noticed in the browser. */
  private isKept({ requestedAt }: { readonly requestedAt: Date }): boolean {
    const { ttlMs, retention } = this.configuration;
    return requestedAt.getTime() + ttlMs.loginConsentRequest + retention.graceMs >= this.clock.now().getTime();
  }
}
