import { lookup } from 'node:dns';
import { type IncomingMessage, type RequestOptions, get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';
import { type LookupFunction, isIP } from 'node:net';
import { isPrivateAddress } from './private-address.js';

const timeoutMs = 5000;
const maxBytes = 1024 * 1024;
const maxRedirects = 5;

/** The message may be shown to whoever chose the URL; what the network said is the `cause`, which may not: it tells what is there. */
class OutboundError extends Error {
  override readonly name = 'OutboundError';
}

/** What an operator is told when a document that somebody published cannot be used: why, and what the network said of it. */
export function failureOf(error: unknown): { readonly reason: string; readonly network?: string } {
  const { message: reason, cause } = error as Error;
  return cause instanceof Error ? { reason, network: cause.message } : { reason };
}

/**
 * Gets the text behind a URL that somebody else chose: https only, also when redirected; within 5 seconds, at most 1 MiB. What is asked of the addresses is asked of those that are connected to, not of an earlier answer of the DNS.
 *
 * @param allowPrivateAddresses whether this machine and its neighbours may be asked, by http too
 * @param accepted which statuses are an answer
 * @throws OutboundError
 */
export async function outboundGet(
  uri: string,
  allowPrivateAddresses: boolean,
  accepted: 'any status' | 'success' = 'any status',
): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await followed(uri, allowPrivateAddresses, signal);
    if (accepted === 'success' && response.statusCode !== 200) {
      response.destroy();
      throw new OutboundError(`it is answered with the status ${response.statusCode}`);
    }
    return await textOf(response);
  } catch (error) {
    if (error instanceof OutboundError) throw error;
    const reason = signal.aborted ? `it was not there after ${timeoutMs / 1000} seconds` : 'it cannot be reached';
    throw new OutboundError(reason, { cause: error });
  }
}

/** The first response that leads nowhere else; its body is yet to be read. */
async function followed(uri: string, allowPrivateAddresses: boolean, signal: AbortSignal): Promise<IncomingMessage> {
  if (!URL.canParse(uri)) throw new OutboundError('it is no URL');
  let url = new URL(uri);
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const response = await request(url, allowPrivateAddresses, signal);
    const { location } = response.headers;
    const { statusCode = 0 } = response;
    if (statusCode < 300 || statusCode > 399 || location === undefined) return response;
    response.destroy();
    if (!URL.canParse(location, url.href)) throw new OutboundError('it redirects to something that is no URL');
    url = new URL(location, url);
  }
  throw new OutboundError(`it redirects more than ${maxRedirects} times`);
}

function request(url: URL, allowPrivateAddresses: boolean, signal: AbortSignal): Promise<IncomingMessage> {
  const plain = url.protocol === 'http:';
  if (url.protocol !== 'https:' && !(plain && allowPrivateAddresses)) throw new OutboundError('it is not https');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivateAddresses && isIP(host) !== 0 && isPrivateAddress(host)) throw privateAddress();
  return new Promise((resolve, reject) => {
    const options: RequestOptions = { agent: false, signal, headers: { accept: 'application/json' } };
    const get = plain ? getPlain : getSecure;
    get(url, allowPrivateAddresses ? options : { ...options, lookup: publicLookup }, resolve).on('error', reject);
  });
}

/** Resolves to public addresses alone. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, []);
    const open = addresses.filter(({ address }) => !isPrivateAddress(address));
    const [first] = open;
    if (first === undefined) return callback(privateAddress(), []);
    if (options.all === true) callback(null, open);
    else callback(null, first.address, first.family);
  });
};

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new OutboundError('it is larger than 1 MiB'); // leaving the loop closes the connection
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function privateAddress(): Error {
  return new OutboundError('its address is private, and OUTBOUND_ALLOW_PRIVATE_ADDRESSES is not set');
}
