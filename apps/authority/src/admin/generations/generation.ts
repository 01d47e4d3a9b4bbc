import { type generateKeys } from '#libs/crypto';
import { type ClientRegistration } from '#libs/domain';
import { type OAuthError } from '#libs/oauth2';
import { type ReadModel, type RequestDetails, type TokenView } from '#libs/read-model';
import { type FastifyReply } from 'fastify';
import { type AcceptConsentRequest } from '../handshake/accept-consent-request.js';
import { type AcceptLoginRequest } from '../handshake/accept-login-request.js';
import { type ConsentWire } from '../handshake/consent-response.js';
import { type BodyModel } from '../wire/decode-body.js';
import { type ListedPage, type Page, type Query } from './pages.js';

/** What tells a generation of the Admin API from the others (admin-api.md 4). Controllers are handed the one that a request speaks. */
export type ApiGeneration = ConsentWire & {
  readonly name: 'rc.8' | 'v1.11' | 'v26.2';
  /** What stands in front of its paths, as in a `Location`. */
  readonly pathPrefix: '/admin' | '';
  /** No other path is redirected to one of its own: they are those of operations of rc.8 with an empty name, which are 404 (admin-api.md 1.1). */
  readonly exactPaths: boolean;
  /** The `Cache-Control` of what GET answers. */
  readonly cacheControl: string | undefined;

  readonly acceptLogin: BodyModel<AcceptLoginRequest>;
  readonly acceptConsent: BodyModel<AcceptConsentRequest>;
  /** What happens to members of a decision that no model has, where it is not what the models say. */
  readonly unknownMembers: 'ignore' | undefined;
  /**
   * What GET of a login or consent request answers whose verifier was redeemed.
   *
   * @throws AdminError 409, where the generation has no answer to it
   */
  usedRequest(request: RequestDetails, reply: FastifyReply): string;
  /** What becomes of another decision on a consent request whose verifier was redeemed. */
  readonly decisionsOnceUsed: 'refused' | 'ignored';

  /** Which rows of a list are asked for. @throws OAuthError `invalid_request` */
  pageOf(query: Query): Page;
  /** Sets the headers that lead to the other pages of a list. */
  linkPages(reply: FastifyReply, list: ListedPage): void;
  /** The login session whose consents alone are listed. */
  loginSessionListed(query: Query): string | undefined;
  /** The one login session to end, instead of all of a subject. */
  loginSessionRevoked(query: Query): string | undefined;

  /** Clients have the members that came after the first generation. */
  readonly clientsAreExtended: boolean;
  /** Lists that a registration leaves out are echoed as `null`, not as `[]`. */
  readonly echoesAbsentLists: boolean;
  /** Deleting a client that is not there is 404. */
  readonly deletesOnlyWhatIsThere: boolean;
  /** Further rules for registrations. @throws OAuthError `invalid_request` */
  checkRegistration(registration: ClientRegistration): void;
  /** What is wrong with a registration, in the terms of the generation. */
  registrationError(error: OAuthError): OAuthError;
  listClients(readModel: ReadModel, call: { url: string; query: Query }, reply: FastifyReply): string;

  /** Makes the keys of a set: how many, and how they are named. */
  readonly generateKeys: typeof generateKeys;
  /** The longest name that a generated key gets. */
  generatedKid(alg: string, kid: string): string;

  /** Renders what introspection says of an active token. */
  readonly introspectionJson: (issuer: string) => (token: TokenView) => string;
};
