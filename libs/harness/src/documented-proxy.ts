import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { expectDocumented } from './documented-answers.js';

/** Headers that are about one connection, not about the message. */
const perConnection = ['connection', 'keep-alive', 'transfer-encoding', 'host', 'content-length'];

/** Stands in front of the admin listener, for callers that send their requests themselves, as SDKs do. */
export type DocumentedProxy = {
  readonly url: string;
  /** @throws when an answer so far was not one that docs/openapi.json describes, or nothing was asked */
  expectDocumented(): void;
  close(): Promise<void>;
};

/** Passes requests on to the admin listener and its answers back, and keeps what is wrong with them. */
export async function startDocumentedProxy(adminUrl: string): Promise<DocumentedProxy> {
  const problems: unknown[] = [];
  let answers = 0;
  const server = createServer((request, response) => {
    answers++;
    pass(adminUrl, request, response).catch((error: unknown) => {
      problems.push(error);
      if (!response.headersSent) response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    expectDocumented: () => {
      if (problems.length > 0) throw problems[0];
      if (answers === 0) throw new Error('nothing came this way');
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** @throws when the answer is not documented; it was passed back all the same */
async function pass(adminUrl: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '' } = request;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (!perConnection.includes(name)) headers.set(name, String(value));
  }
  const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
  const answer = await fetch(`${adminUrl}${url}`, { method, headers, redirect: 'manual', ...body });
  const text = await answer.text();
  const kept = [...answer.headers].filter(([name]) => !perConnection.includes(name));
  response.writeHead(answer.status, Object.fromEntries(kept));
  response.end(text);
  expectDocumented(method, url, { status: answer.status, text, header: (name) => answer.headers.get(name) });
}
