import { RootKey } from '#libs/crypto';
import { subjectIdentifier } from '#libs/oauth2';
import { type ClientView, ReadModel, findForcedIdentifier } from '#libs/read-model';
import { Injectable } from '@nestjs/common';
import { Configuration } from '../config/configuration.js';

/** How clients know a subject (oauth2-flows.md 2.11). */
@Injectable()
export class SubjectIdentifiers {
  constructor(
    private readonly configuration: Configuration,
    private readonly readModel: ReadModel,
    private readonly root: RootKey,
  ) {}

  /** `sub` for a client in this flow. @throws OAuthError `invalid_request` when there is no pairwise identifier for it */
  identifierFor(client: ClientView, subject: string, forced: string): string {
    const { pairwiseSalt, subjectTypes: supported } = this.configuration;
    return subjectIdentifier({ subject, registration: client.registration, forced, pairwiseSalt, supported });
  }

  /** Everything an `id_token_hint` of this client may call the subject. */
  allFor(client: ClientView, subject: string): string[] {
    const { clientId, incarnation: clientIncarnation } = client;
    const subjectHash = this.root.subjectHash(subject);
    const forced = findForcedIdentifier(this.readModel.db, { subjectHash, clientId, clientIncarnation });
    return [subject, this.identifierFor(client, subject, ''), ...(forced === undefined ? [] : [forced])];
  }
}
