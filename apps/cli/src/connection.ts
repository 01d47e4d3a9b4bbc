import { type Command } from 'commander';
import { type BearerOptions, bearerToken } from './bearer-token.js';
import { Refusal, lineOf } from './refusal.js';

const timeoutMs = 60_000;

/** The authority answered, with a status that was not hoped for. */
export class RefusedByAuthority extends Refusal {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** Which of an authority's two addresses a command talks to. */
export type Listener = 'admin' | 'public';

export type ConnectionOptions = BearerOptions & {
  readonly endpoint?: string;
  readonly skipTlsVerify?: boolean;
  readonly fakeTlsTermination?: boolean;
};

export type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** From the root of the endpoint, percent-encoded. */
  readonly path: string;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly basic?: Credentials;
  readonly headers?: Readonly<Record<string, string>>;
  /** The statuses that are no failure. */
  readonly expect: readonly number[];
};

export type Credentials = { readonly id: string; readonly secret: string };
export type Answer = { readonly status: number; readonly headers: Headers; readonly json: unknown };

const environmentNames = { admin: ['HYDRA_ADMIN_URL', 'HYDRA_URL'], public: ['HYDRA_URL'] } as const;

/** Adds the options that every command has that talks to an authority. */
export function withConnection(command: Command, listener: Listener): Command {
  const names = environmentNames[listener].join(', then ');
  command
    .option('--endpoint <url>', `the ${listener} URL of the authority (default: environment ${names})`)
    .option('--skip-tls-verify', 'accept any TLS certificate')
    .option('--fake-tls-termination', 'say that TLS ended in a proxy (X-Forwarded-Proto: https)');
  if (listener === 'public') {
    return command.option(
      '--access-token <token>',
      'sent as a bearer token, for a proxy in front (default: environment OAUTH2_ACCESS_TOKEN)',
    );
  }
  return command
    .option('--token-file <file>', 'with the token to send (default: environment HYDRANT_ADMIN_TOKEN)')
    .option('--access-token <token>', 'the token itself (default: environment OAUTH2_ACCESS_TOKEN)');
}

/** An authority that was named on the command line or in the environment. */
export class Connection {
  private constructor(
    private readonly base: string,
    private readonly headers: Readonly<Record<string, string>>,
  ) {}

  /** @throws Refusal when no endpoint is named, or none that is a URL */
  static of(options: ConnectionOptions, listener: Listener): Connection {
    const names = environmentNames[listener];
    const endpoint = [options.endpoint, ...names.map((name) => process.env[name])].find((url) => url);
    if (endpoint === undefined) throw new Refusal(`no endpoint: give --endpoint, or set ${names.join(' or ')}`);
    const url = URL.parse(endpoint);
    if (url === null || !['http:', 'https:'].includes(url.protocol)) {
      throw new Refusal(`the endpoint ${JSON.stringify(endpoint)} is no http or https URL`);
    }
    if (options.skipTlsVerify === true) process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    const { fakeTlsTermination = false } = options;
    const token = bearerToken(options, listener);
    return new Connection(`${url.origin}${url.pathname.replace(/\/+$/, '')}`, {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(fakeTlsTermination ? { 'x-forwarded-proto': 'https' } : {}),
    });
  }

  /** @throws Refusal when the authority cannot be reached, or answers with a status that is not expected */
  async send(call: Call): Promise<Answer> {
    const { status, headers, text } = await this.exchange(call);
    const json = parsed(text);
    if (call.expect.includes(status)) return { status, headers, json };
    throw new RefusedByAuthority(`${call.method} ${call.path} was answered with ${status}${reasonIn(json)}`, status);
  }

  private async exchange(call: Call): Promise<{ status: number; headers: Headers; text: string }> {
    const { method, path } = call;
    const { body, contentType } = bodyOf(call);
    const headers = {
      accept: 'application/json',
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...this.headers,
      ...(call.basic === undefined ? {} : { authorization: basicHeader(call.basic) }),
      ...call.headers,
    };
    try {
      const response = await fetch(`${this.base}${path}`, {
        ...{ method, headers, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) },
        ...(body === undefined ? {} : { body }),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      throw new Refusal(`${this.base} cannot be reached: ${causeOf(error)}`);
    }
  }
}

/**
 * A name as a segment of a path.
 *
 * @throws Refusal for names no URL can hold as a segment
 */
export function segment(name: string): string {
  if (['', '.', '..'].includes(name)) throw new Refusal(`${JSON.stringify(name)} cannot be part of an address`);
  return encodeURIComponent(name);
}

function bodyOf({ json, form }: Call): { body?: string; contentType?: string } {
  if (json !== undefined) return { body: JSON.stringify(json), contentType: 'application/json' };
  if (form === undefined) return {};
  return { body: new URLSearchParams(form).toString(), contentType: 'application/x-www-form-urlencoded' };
}

function basicHeader({ id, secret }: Credentials): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What an error body says, without its general phrases where it has a particular one. */
function reasonIn(json: unknown): string {
  if (typeof json !== 'object' || json === null) return '';
  const member = (name: string): string => {
    const value: unknown = Reflect.get(json, name);
    return typeof value === 'string' ? value : '';
  };
  const particular = [member('error_hint'), member('error_debug')].filter((text) => text !== '');
  const said = [member('error'), ...(particular.length > 0 ? particular : [member('error_description')])];
  return said
    .filter((text) => text !== '')
    .map((text) => `: ${lineOf(text)}`)
    .join('');
}

/** fetch itself says only that it failed. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = lineOf(cause);
  return text === '' && cause instanceof Error && 'code' in cause ? String(cause.code) : text;
}
