import { isIP, isIPv6 } from 'node:net';
import { BoundedCache } from '#libs/bounded-cache';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type Logger } from 'pino';
import { type Configuration } from '../config/configuration.js';
import { AdminError } from '../http/errors/admin-error.js';
import { sendAdminError } from '../http/errors/error-filters.js';
import { isLoopback } from './callers.js';

/** What of a request says where it comes from, and what it was meant for. */
export type Addressing = {
  /** Every `Host` that was sent. */
  readonly hosts: readonly string[];
  /** The target as it was sent: a path, or a whole URL. */
  readonly target: string;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
};

/** `beyondLoopback`: others than this machine can reach the listener. */
export type GuardRules = {
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly beyondLoopback: boolean;
};

/** `name`: of the host or origin that is refused, for one warning each. */
type Refusal = { readonly error: AdminError; readonly name: string };

const maxWarned = 100;

/**
 * Keeps web pages away from the Admin API: those that send requests to it from somebody's browser, and those whose name was made to lead
 * to it (DNS rebinding). Health checks are let through, which tell nothing.
 */
export function guardAgainstBrowsers(server: FastifyInstance, { admin }: Configuration, logger: Logger): void {
  const { allowedHosts, allowedOrigins } = admin;
  const rules = { allowedHosts, allowedOrigins, beyondLoopback: !isLoopback(admin.host) };
  const warned = new BoundedCache<string, true>(maxWarned);
  server.addHook('onRequest', (request, reply, done) => {
    const refused = isHealthCheck(request) ? undefined : refusalOf(addressingOf(request), rules);
    if (refused === undefined) return done();
    const { error, name } = refused;
    if (warned.get(name) === undefined) logger.warn({ name, status: error.status }, error.description);
    warned.set(name, true);
    sendAdminError(error, request, reply);
  });
}

/** What speaks against a request, in the order in which it is looked at; undefined when nothing does. */
export function refusalOf({ hosts, target, origin, fetchSite }: Addressing, rules: GuardRules): Refusal | undefined {
  const [host = ''] = hosts;
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(target)?.[1];
  if (hosts.length > 1 || (authority !== undefined && authority.toLowerCase() !== host.toLowerCase())) {
    return refusal([400, 'Bad Request'], 'The request names more than one host', host);
  }
  const name = hostName(host);
  if (name !== '' && !isAllowedHost(name, rules)) {
    const why = `The Admin API is not known by the name ${name}: list it in SERVE_ADMIN_ALLOWED_HOSTS if it is`;
    return refusal([421, 'Misdirected Request'], why, name);
  }
  if (origin !== undefined && rules.allowedOrigins.includes(origin)) return undefined;
  if (origin !== undefined && !isOriginOf(origin, host)) {
    const why = `Web pages of ${origin} may not call the Admin API: list them in SERVE_ADMIN_ALLOWED_ORIGINS if they may`;
    return refusal([403, 'Forbidden'], why, origin);
  }
  if (fetchSite !== undefined && fetchSite !== 'none' && fetchSite !== 'same-origin') {
    const why =
      'Web pages of other sites may not call the Admin API: list their origin in SERVE_ADMIN_ALLOWED_ORIGINS if they may';
    return refusal([403, 'Forbidden'], why, fetchSite);
  }
  return undefined;
}

function refusal([status, error]: [status: number, error: string], description: string, name: string): Refusal {
  return { error: new AdminError(status, error, description), name };
}

/** Browsers reach by these names what their machine or its network calls so, and no page of the public internet has one. */
function isAllowedHost(name: string, { allowedHosts, beyondLoopback }: GuardRules): boolean {
  if (isIP(name) !== 0 || name === 'localhost' || hasSuffix(name, ['.localhost', '.internal'])) return true;
  if (allowedHosts.some((allowed) => allowed === '*' || allowed === name || hasSuffix(name, [allowed]))) return true;
  return beyondLoopback && (/^[\w-]+$/.test(name) || hasSuffix(name, ['.svc', '.svc.cluster.local', '.local']));
}

function hasSuffix(name: string, suffixes: readonly string[]): boolean {
  return suffixes.some((suffix) => suffix.startsWith('.') && name.endsWith(suffix));
}

/** In lower case, without port, final dot, and the brackets of an IPv6 address. */
function hostName(host: string): string {
  const lower = host.toLowerCase();
  const inBrackets = /^\[([^\]]*)\](?::\d*)?$/.exec(lower)?.[1];
  if (inBrackets !== undefined && isIPv6(inBrackets)) return inBrackets;
  return lower.replace(/:\d*$/, '').replace(/\.$/, '');
}

function isOriginOf(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

function isHealthCheck({ raw }: FastifyRequest): boolean {
  return raw.url?.startsWith('/health/') === true;
}

function addressingOf({ raw, headers }: FastifyRequest): Addressing {
  const hosts = raw.rawHeaders.filter((_, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === 'host');
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  return { hosts, target: raw.url ?? '', origin, fetchSite: Array.isArray(site) ? site.join() : site };
}
