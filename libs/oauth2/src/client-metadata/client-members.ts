import { type ClientExtension, type ClientRegistration, type JsonObject } from '#libs/domain';

/** What the authority decides for a client that does not say it itself. */
export type RegistrationRules = {
  /** The scope of a client that asks for none, space-separated. */
  readonly defaultScope: string;
  readonly subjectTypesSupported: readonly string[];
  /** Whether `jwks_uri` may be `http:`; it may not. */
  readonly plainHttpAllowed?: boolean;
};

/** How a member is written: `strings` is a list of them, `integer` and `timestamp` are for what the authority sets. */
export type MemberKind = 'string' | 'strings' | 'object' | 'integer' | 'timestamp';

/** One member of an `OAuth2Client`, as its row in the table says it. */
export type ClientMember = {
  readonly kind: MemberKind;
  /** The longest value that may be sent, in characters. */
  readonly maxLength?: number;
  /** What a client has that was registered without it; where nothing is said, what is empty of its kind, and no object. */
  readonly default?: string | JsonObject | ((rules: RegistrationRules) => string);
  /** What answers can have, where that is not all of its kind. */
  readonly values?: readonly string[];
  /** When answers have it: `filled` unless it is empty, `once` in answer to the request that made it. */
  readonly answered: 'always' | 'filled' | 'once' | 'never';
  /** A list that is `null` in answer to the request that left it out (admin-api.md 1.4). */
  readonly echoesAbsence?: true;
  /** Not kept in the registration: the authority sets it, or keeps it elsewhere. */
  readonly apart?: true;
  /** Generations of the Admin API after the first one brought it (admin-api.md 4.2). */
  readonly extension?: true;
  /** What the document of the API says of it in requests and in answers, and the schema there, where it has one of its own. */
  readonly document?: { readonly sent?: string; readonly answered?: string; readonly schema?: string };
  /** How the command line takes it, which speaks the first generation. `joined`: a list there, one string here. */
  readonly option?: {
    readonly flags: string;
    readonly help: string;
    readonly joined?: string;
    readonly only?: 'create';
  };
};

type KindOf<Value> = Value extends string ? 'string' : Value extends readonly string[] ? 'strings' : 'object';
type Registered<Member extends keyof ClientRegistration> = ClientMember & {
  readonly kind: KindOf<Required<ClientRegistration>[Member]>;
  readonly apart?: never;
} & (Member extends keyof ClientExtension
    ? { readonly extension: true; readonly option?: never }
    : { readonly extension?: never });
type Apart =
  'client_id' | 'client_secret' | 'client_secret_hash' | 'client_secret_expires_at' | 'created_at' | 'updated_at';

/** A row for each member of the type, and none besides; of its kind. */
type ClientMembers = { readonly [Member in keyof ClientRegistration]-?: Registered<Member> } & {
  readonly [Member in Apart]: ClientMember & { readonly apart: true };
};

/**
 * The members of an `OAuth2Client` (RFC 7591, OpenID Connect Dynamic Registration; admin-api.md 3.1), in the order of the wire.
 * Decoding, normalising and rendering, the document of the API and the command line go by it: a new member is a row here and in
 * the type of what is stored (docs/adr/0003), each of which does not compile without the other.
 */
export const clientMembers = {
  client_id: {
    kind: 'string',
    maxLength: 255,
    answered: 'always',
    apart: true,
    document: { answered: 'Generated (UUIDv4) when a client is created without one.' },
    option: { flags: '--id <id>', help: 'its id', only: 'create' },
  },
  client_name: { kind: 'string', answered: 'always', option: { flags: '-n, --name <name>', help: 'name people see' } },
  client_secret: {
    kind: 'string',
    answered: 'once',
    apart: true,
    document: { sent: 'At least 6 bytes. Create: generated when absent. Update: kept when absent.' },
    option: { flags: '--secret <secret>', help: 'the secret; may leak to shell histories' },
  },
  /** Ours (docs/adr/0008): the bcrypt or PBKDF2 hash of a secret registered elsewhere. */
  client_secret_hash: {
    kind: 'string',
    answered: 'never',
    apart: true,
    document: {
      sent: 'The bcrypt or PBKDF2 hash of a secret registered elsewhere, instead of client_secret. Refused with 400 but where a client is created.',
    },
  },
  redirect_uris: {
    kind: 'strings',
    answered: 'always',
    echoesAbsence: true,
    option: { flags: '-c, --callbacks <urls>', help: 'redirect URIs' },
  },
  grant_types: {
    kind: 'strings',
    answered: 'always',
    echoesAbsence: true,
    option: { flags: '-g, --grant-types <types>', help: 'grant types' },
  },
  response_types: {
    kind: 'strings',
    answered: 'always',
    echoesAbsence: true,
    option: { flags: '-r, --response-types <types>', help: 'response types' },
  },
  scope: {
    kind: 'string',
    default: ({ defaultScope }) => defaultScope,
    answered: 'always',
    document: { answered: 'The scopes the client may ask for, separated by spaces.' },
    option: { flags: '-a, --scope <scopes>', help: 'scopes the client may ask for', joined: ' ' },
  },
  audience: {
    kind: 'strings',
    answered: 'always',
    echoesAbsence: true,
    option: { flags: '--audience <urls>', help: 'audiences the client may ask for' },
  },
  owner: { kind: 'string', answered: 'always' },
  policy_uri: {
    kind: 'string',
    answered: 'always',
    option: { flags: '--policy-uri <url>', help: 'privacy policy' },
  },
  allowed_cors_origins: {
    kind: 'strings',
    answered: 'always',
    echoesAbsence: true,
    option: { flags: '--allowed-cors-origins <origins>', help: 'origins that may call the public endpoints' },
  },
  tos_uri: { kind: 'string', answered: 'always', option: { flags: '--tos-uri <url>', help: 'terms of service' } },
  client_uri: { kind: 'string', answered: 'always', option: { flags: '--client-uri <url>', help: 'home page' } },
  logo_uri: { kind: 'string', answered: 'always', option: { flags: '--logo-uri <url>', help: 'logo' } },
  contacts: { kind: 'strings', answered: 'always', echoesAbsence: true },
  client_secret_expires_at: {
    kind: 'integer',
    answered: 'always',
    apart: true,
    document: { answered: 'Secrets do not expire.' },
  },
  subject_type: {
    kind: 'string',
    maxLength: 15,
    default: ({ subjectTypesSupported: types }) => (types.includes('public') ? 'public' : (types[0] ?? 'public')),
    values: ['public', 'pairwise'],
    answered: 'always',
    option: { flags: '--subject-type <type>', help: 'public or pairwise' },
  },
  sector_identifier_uri: { kind: 'string', answered: 'filled' },
  jwks_uri: {
    kind: 'string',
    answered: 'filled',
    option: { flags: '--jwks-uri <url>', help: "where the client's public keys are" },
  },
  jwks: { kind: 'object', answered: 'filled', document: { schema: 'ClientKeys' } },
  token_endpoint_auth_method: {
    kind: 'string',
    maxLength: 25,
    default: 'client_secret_basic',
    answered: 'filled',
    option: {
      flags: '--token-endpoint-auth-method <method>',
      help: 'client_secret_basic, client_secret_post or none',
    },
  },
  request_uris: { kind: 'strings', answered: 'filled' },
  request_object_signing_alg: { kind: 'string', maxLength: 10, answered: 'filled' },
  userinfo_signed_response_alg: {
    kind: 'string',
    maxLength: 10,
    default: 'none',
    values: ['none', 'RS256'],
    answered: 'filled',
  },
  created_at: { kind: 'timestamp', answered: 'always', apart: true },
  updated_at: { kind: 'timestamp', answered: 'always', apart: true },
  metadata: {
    kind: 'object',
    default: {},
    answered: 'always',
    extension: true,
    document: { sent: 'What its owners keep with the client.', answered: 'What its owners keep with the client.' },
  },
} as const satisfies ClientMembers;

export type ClientMemberName = keyof typeof clientMembers;

/** The rows in the order of the wire, each with its name. */
export const clientMemberList: readonly (ClientMember & { readonly name: ClientMemberName })[] = Object.entries(
  clientMembers as Readonly<Record<string, ClientMember>>,
).map(([name, member]) => ({ ...member, name: name as ClientMemberName }));

/** What a member is that has no value: no text, an empty list, nothing. */
export function emptyOf(kind: MemberKind): '' | readonly [] | undefined {
  if (kind === 'string') return '';
  return kind === 'strings' ? [] : undefined;
}
