import { StoreRefusedError } from '../errors.js';

/**
 * `url` is what the client library is given, defaults included; `hosts` may be shown, the rest may hold a password. `discovers`: the
 * node to talk to is found out by asking, not named.
 */
export type ConnectionString = {
  readonly url: string;
  readonly options: ReadonlyMap<string, string>;
  readonly discovers: boolean;
  readonly credentials: { readonly username: string; readonly password: string };
  readonly hosts: string;
};

const shape =
  /^(?<scheme>esdb(?:\+discover)?):\/\/(?:(?<username>[^:/?@]+):(?<password>[^/?@]+)@)?(?<hosts>[^/?@]+)\/?(?:\?(?<query>.*))?$/;

/** Options of the client library that may be set, each with what it is set to when the connection string does not say. */
const knownOptions: Readonly<Record<string, string | undefined>> = {
  tls: undefined,
  tlsCAFile: undefined,
  userCertFile: undefined,
  userKeyFile: undefined,
  connectionName: undefined,
  maxDiscoverAttempts: undefined,
  discoveryInterval: undefined,
  gossipTimeout: '2',
  defaultDeadline: '5000',
  nodePreference: 'leader',
  keepAliveInterval: '10000',
  keepAliveTimeout: '10000',
};
const optionNames = new Map(Object.keys(knownOptions).map((name) => [flat(name), name]));

/** What a server without TLS is sent: it ignores them, but the client library appends safely only when there are some. */
const anyone = { username: 'anyone', password: 'anyone' };

/**
 * Reads `esdb://[user:password@]host:port[,host:port…][?option=value&…]`, or the same with `esdb+discover`.
 *
 * The library's own reader is not asked first: of an option it does not know it prints the whole string, password included.
 *
 * @throws StoreRefusedError in one line that never shows the password
 */
export function readConnectionString(text: string): ConnectionString {
  const { scheme, username, password, hosts, query } = shape.exec(text.trim())?.groups ?? {};
  if (scheme === undefined || hosts === undefined) {
    throw refusal('is not a connection string: esdb://user:password@host:port?option=value is one');
  }
  const options = readOptions(query);
  const login = username === undefined || password === undefined ? undefined : { username, password };
  if (login === undefined && options.get('tls') !== 'false') {
    throw refusal('names no user and password, which a server with TLS asks for: esdb://user:password@host:port');
  }
  const credentials =
    login === undefined ? anyone : { username: plain(login.username), password: plain(login.password) };
  const parameters = [...options].map(([name, value]) => `${name}=${value}`).join('&');
  const authority = login === undefined ? hosts : `${login.username}:${login.password}@${hosts}`;
  const discovers = scheme !== 'esdb' || hosts.includes(',');
  return { url: `${scheme}://${authority}?${parameters}`, options, discovers, credentials, hosts };
}

function readOptions(query = ''): Map<string, string> {
  const options = new Map<string, string>();
  for (const [name, fallback] of Object.entries(knownOptions)) if (fallback !== undefined) options.set(name, fallback);
  for (const part of query.split('&').filter((each) => each !== '')) {
    const [key = '', value = '', ...rest] = part.split('=');
    const name = optionNames.get(flat(key));
    if (name === undefined)
      throw refusal(`has an option "${key}", which is not one of ${[...optionNames.values()].join(', ')}`);
    if (value === '' || rest.length > 0) throw refusal(`has no value for its option "${name}"`);
    options.set(name, value);
  }
  return options;
}

/** The library takes `keepAliveInterval`, `keep_alive_interval` and `KEEP-ALIVE-INTERVAL` for the same. */
function flat(name: string): string {
  return name.trim().toLowerCase().replace(/[_-]/g, '');
}

function plain(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw refusal('has a user or password that is not percent-encoded properly');
  }
}

function refusal(problem: string): StoreRefusedError {
  return new StoreRefusedError(`EVENT_STORE ${problem}`);
}
