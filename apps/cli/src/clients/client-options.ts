import { type Command } from 'commander';
import { listed } from '../list-option.js';

/** What the command line says about a client; what was not given is absent. */
export type ClientOptions = {
  readonly id?: string;
  readonly callbacks?: readonly string[];
  readonly grantTypes?: readonly string[];
  readonly responseTypes?: readonly string[];
  readonly scope?: readonly string[];
  readonly audience?: readonly string[];
  readonly secret?: string;
  readonly name?: string;
  readonly tokenEndpointAuthMethod?: string;
  readonly jwksUri?: string;
  readonly policyUri?: string;
  readonly tosUri?: string;
  readonly clientUri?: string;
  readonly logoUri?: string;
  readonly allowedCorsOrigins?: readonly string[];
  readonly subjectType?: string;
};

/** Hydra's flags. `parse` has no default of its own, so that an update can tell what was given. */
export function withClientOptions(command: Command): Command {
  return command
    .option('-c, --callbacks <urls>', 'redirect URIs', listed)
    .option('-g, --grant-types <types>', 'grant types', listed)
    .option('-r, --response-types <types>', 'response types', listed)
    .option('-a, --scope <scopes>', 'scopes the client may ask for', listed)
    .option('--audience <urls>', 'audiences the client may ask for', listed)
    .option('--secret <secret>', 'the secret; may leak to shell histories')
    .option('-n, --name <name>', 'name people see')
    .option('--token-endpoint-auth-method <method>', 'client_secret_basic, client_secret_post or none')
    .option('--jwks-uri <url>', "where the client's public keys are")
    .option('--policy-uri <url>', 'privacy policy')
    .option('--tos-uri <url>', 'terms of service')
    .option('--client-uri <url>', 'home page')
    .option('--logo-uri <url>', 'logo')
    .option('--allowed-cors-origins <origins>', 'origins that may call the public endpoints', listed)
    .option('--subject-type <type>', 'public or pairwise');
}

/** The members that were given, with the names of the Admin API. */
export function givenMembers({ scope, ...options }: ClientOptions): Record<string, unknown> {
  const members = {
    client_id: options.id,
    client_secret: options.secret,
    client_name: options.name,
    redirect_uris: options.callbacks,
    grant_types: options.grantTypes,
    response_types: options.responseTypes,
    scope: scope?.join(' '),
    audience: options.audience,
    token_endpoint_auth_method: options.tokenEndpointAuthMethod,
    jwks_uri: options.jwksUri,
    policy_uri: options.policyUri,
    tos_uri: options.tosUri,
    client_uri: options.clientUri,
    logo_uri: options.logoUri,
    allowed_cors_origins: options.allowedCorsOrigins,
    subject_type: options.subjectType,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
