import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { type CryptoKey, type JWK, SignJWT, exportJWK, generateKeyPair } from 'jose';
import { type Answer } from '#libs/harness';
import { type RunningAuthority } from '#libs/testing';

/** A self-signed certificate for localhost that expires in a hundred years; its key is known to everybody. */
const tls = join(import.meta.dirname, '../fixtures/tls');
export const trustedCertificate = join(tls, 'localhost.cert.pem');

/** What a client registers that signs assertions. */
export const method = { token_endpoint_auth_method: 'private_key_jwt' };

/** How a token request ended: its status and error. */
export const outcome = ({ status, json }: Answer): unknown[] => [status, json?.error];
export const [refused, malformed] = [
  [401, 'invalid_client'],
  [400, 'invalid_request'],
];

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What a client signs with, and what it publishes. */
export type ClientKey = { readonly privateKey: CryptoKey; readonly publicJwk: JWK };

/** A key of a client; with `jwk` on top of its public half. */
export async function clientKey(kid: string, jwk: JWK = {}): Promise<ClientKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', ...jwk } };
}

/** A client assertion of exactly these claims; `undefined` members are left out. */
export function signedAssertion(
  { privateKey, publicJwk }: ClientKey,
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<string> {
  const protectedHeader = { alg: 'RS256', kid: publicJwk.kid, ...header } as { alg: string };
  return new SignJWT(claims).setProtectedHeader(protectedHeader).sign(privateKey);
}

/** The claims of an assertion that is accepted. */
export function assertionClaims({ publicUrl }: RunningAuthority, clientId: string): Record<string, unknown> {
  const exp = Math.floor(Date.now() / 1000) + 60;
  return { iss: clientId, sub: clientId, aud: `${publicUrl}/oauth2/token`, jti: crypto.randomUUID(), exp };
}

/** A client_credentials request with an assertion that is accepted but for the changes to its header, claims and form. */
export async function requestToken(
  running: RunningAuthority,
  clientId: string,
  signer: ClientKey,
  changes: { header?: object; claims?: object; form?: Record<string, string> } = {},
): Promise<Answer> {
  const claims = { ...assertionClaims(running, clientId), ...changes.claims };
  return sendAssertion(running, await signedAssertion(signer, claims, { ...changes.header }), changes.form);
}

export function sendAssertion(
  { authority }: RunningAuthority,
  assertion: string,
  form: Record<string, string> = {},
): Promise<Answer> {
  const credentials = { client_assertion_type: assertionType, client_assertion: assertion };
  return authority.form('/oauth2/token', { grant_type: 'client_credentials', ...credentials, ...form });
}

/** A web server on this machine. `requests` are the paths it was asked for, in their order. */
export type KeyServer = {
  readonly origin: string;
  readonly requests: string[];
  /** What is answered below a path; 404 elsewhere. */
  readonly documents: Map<string, RequestListener>;
  close(): Promise<void>;
};

export async function startKeyServer(): Promise<KeyServer> {
  const [requests, documents]: [string[], Map<string, RequestListener>] = [[], new Map()];
  const [key, cert] = ['key', 'cert'].map((name) => readFileSync(join(tls, `localhost.${name}.pem`)));
  const server = createServer({ key: key!, cert: cert! }, (request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const document = documents.get(path);
    if (document === undefined) response.writeHead(404).end('{"keys":[]}');
    else document(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `https://localhost:${(server.address() as { port: number }).port}`,
    requests,
    documents,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
