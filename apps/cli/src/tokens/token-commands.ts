import { Command, Option } from 'commander';
import { bearerToken } from '../bearer-token.js';
import { Connection, type ConnectionOptions, type Credentials, type Listener, withConnection } from '../connection.js';
import { durationMs } from '../duration.js';
import { listed } from '../list-option.js';
import { type OutputFormat, print, printJson, withFormat } from '../output.js';
import { Refusal } from '../refusal.js';

type Options = ConnectionOptions & {
  readonly format: OutputFormat;
  readonly clientId?: string;
  readonly clientSecret?: string;
};
type Wanted = { readonly scope?: readonly string[]; readonly audience?: readonly string[] };

export function tokenCommands(): Command {
  const tokens = new Command('token').description('obtain, inspect and revoke tokens');
  const command = (name: string, description: string, listener: Listener): Command =>
    withFormat(withConnection(tokens.command(name).description(description), listener));
  withCredentials(command('client', 'obtain an access token by the client credentials grant', 'public'))
    .option('--scope <scopes>', 'scopes to ask for', listed)
    .option('--audience <urls>', 'audiences to ask for', listed)
    .option('-v, --verbose', 'print the whole answer, not only the token')
    .action(obtain);
  withCredentials(command('introspect <token>', 'show what a token stands for', 'admin'))
    .option('--scope <scopes>', 'scopes it must have to count as active', listed)
    .action(introspect);
  withCredentials(
    command('revoke <token>', 'revoke an access or refresh token, and what was issued with it', 'public'),
  ).action(revoke);
  command('flush', 'remove access tokens that have expired', 'admin')
    .option('--min-age <duration>', 'keep those that expired less than this ago, e.g. 24h', '0s')
    .action(flush);
  return tokens;
}

function withCredentials(command: Command): Command {
  return command
    .addOption(new Option('--client-id <id>', 'who asks').env('OAUTH2_CLIENT_ID'))
    .addOption(new Option('--client-secret <secret>', 'its secret').env('OAUTH2_CLIENT_SECRET'));
}

async function obtain(options: Options & Wanted & { readonly verbose?: boolean }): Promise<void> {
  const { scope = [], audience = [] } = options;
  const form = {
    grant_type: 'client_credentials',
    ...(scope.length === 0 ? {} : { scope: scope.join(' ') }),
    ...(audience.length === 0 ? {} : { audience: audience.join(' ') }),
  };
  const { json } = await Connection.of(options, 'public').send({
    ...{ method: 'POST', path: '/oauth2/token', form, expect: [200] },
    basic: requiredCredentials(options),
  });
  if (options.verbose === true || options.format === 'json') return printJson(json);
  print((json as { access_token: string }).access_token);
}

async function introspect(token: string, options: Options & Wanted): Promise<void> {
  // a client's credentials say nothing here; a bearer token is what the authority, or a proxy in front, may want
  const basic = bearerToken(options, 'admin') === undefined ? credentials(options) : undefined;
  const { json } = await Connection.of(options, 'admin').send({
    ...{ method: 'POST', path: '/oauth2/introspect', expect: [200] },
    form: { token, scope: (options.scope ?? []).join(' ') },
    ...(basic === undefined ? {} : { basic }),
  });
  printJson(json);
}

async function revoke(token: string, options: Options): Promise<void> {
  const basic = requiredCredentials(options);
  const call = { method: 'POST', path: '/oauth2/revoke', form: { token }, basic, expect: [200] } as const;
  await Connection.of(options, 'public').send(call);
  if (options.format === 'json') return printJson({ revoked: true });
  print('Revoked OAuth 2.0 token.');
}

async function flush(options: Options & { readonly minAge: string }): Promise<void> {
  const minAgeMs = durationMs(options.minAge);
  if (minAgeMs === undefined) throw new Refusal('--min-age must be a duration such as 90m or 24h');
  const notAfter = new Date(Date.now() - minAgeMs).toISOString();
  await Connection.of(options, 'admin').send({
    ...{ method: 'POST', path: '/oauth2/flush', json: { notAfter }, expect: [204] },
  });
  if (options.format === 'json') return printJson({ notAfter });
  print('Flushed inactive access tokens.');
}

function credentials({ clientId: id = '', clientSecret: secret = '' }: Options): Credentials | undefined {
  return id === '' || secret === '' ? undefined : { id, secret };
}

function requiredCredentials(options: Options): Credentials {
  const given = credentials(options);
  if (given !== undefined) return given;
  throw new Refusal('give --client-id and --client-secret, or set OAUTH2_CLIENT_ID and OAUTH2_CLIENT_SECRET');
}
