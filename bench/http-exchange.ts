import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { type CpuClock } from './load.js';

/** Where a server listens; a bare server has both on one port. URLs have no slash at the end. */
export type Target = {
  readonly name: 'hydrant' | 'bare';
  readonly adminUrl: string;
  readonly publicUrl: string;
  readonly cpuUs: CpuClock;
};

export type Exchange = {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

export const formType = { 'content-type': 'application/x-www-form-urlencoded' };
export const jsonType = { 'content-type': 'application/json' };

/** Basic credentials of a client (RFC 6749 2.3.1). */
export function basic({ id, secret }: { id: string; secret: string }): { authorization: string } {
  const encoded = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
  return { authorization: `Basic ${Buffer.from(encoded).toString('base64')}` };
}

/** Connections that stay open, at most this many to each server. */
export function keepAlive(connections: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections });
}

/** One request; redirects are not followed. */
export function exchange(agent: Agent, { url, method = 'GET', headers = {}, body }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request(url, { agent, method, headers: { ...headers, ...length } }, (response) => {
      const chunks: string[] = [];
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: chunks.join('') }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** @throws Error when the answer has another status */
export async function exchangeFor(status: number, agent: Agent, sent: Exchange): Promise<Answer> {
  const answer = await exchange(agent, sent);
  if (answer.status === status) return answer;
  throw new Error(`${sent.method ?? 'GET'} ${new URL(sent.url).pathname} answered ${answer.status}: ${answer.body}`);
}
