import { once } from 'node:events';
import { type RequestListener, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type JWK, UnsecuredJWT } from 'jose';
import { type Answer, until } from '#libs/harness';
import { runningAuthority } from '#libs/testing';
import {
  type ClientKey,
  type KeyServer,
  assertionClaims,
  clientKey,
  malformed,
  method,
  outcome,
  refused,
  requestToken,
  sendAssertion,
  startKeyServer,
  trustedCertificate,
} from './client-keys.js';

let key: ClientKey;
let stranger: ClientKey;
let server: KeyServer;
beforeAll(async () => {
  [key, stranger, server] = await Promise.all([clientKey('one'), clientKey('one'), startKeyServer()]);
});
afterAll(() => server.close());

describe('private_key_jwt with a jwks_uri, on a server that may ask its neighbours', () => {
  const running = runningAuthority({
    OAUTH2_EXPOSE_INTERNAL_ERRORS: 'true',
    OUTBOUND_ALLOW_PRIVATE_ADDRESSES: 'true',
    NODE_EXTRA_CA_CERTS: trustedCertificate,
  });
  const publish = (path: string, ...keys: readonly JWK[]): string =>
    serve(path, (_request, response) => response.end(JSON.stringify({ keys })));
  const serve = (path: string, document: RequestListener): string => {
    server.documents.set(path, document);
    return `${server.origin}${path}`;
  };
  const client = async (jwks_uri: string): Promise<string> =>
    (await running.authority.createClient({ ...method, jwks_uri })).id;
  const fetches = (path: string): number => server.requests.filter((request) => request === path).length;

  it('fetches the keys once, for all requests that are under way and for later ones', async () => {
    const id = await client(publish('/keys', key.publicJwk, { kty: 'new' }));
    const answers = await Promise.all(Array.from({ length: 10 }, () => requestToken(running, id, key)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect((await requestToken(running, id, key)).status).toBe(200);
    expect(outcome(await requestToken(running, id, stranger))).toEqual(refused);
    expect(fetches('/keys')).toBe(1);
  });

  it('3.9 finds a new key at its first use, and forgets the one that is gone', async () => {
    const id = await client(publish('/rotated', key.publicJwk));
    expect((await requestToken(running, id, key)).status).toBe(200);
    const next = await clientKey('two');
    publish('/rotated', next.publicJwk);
    expect((await requestToken(running, id, next)).status).toBe(200);
    expect(outcome(await requestToken(running, id, key))).toEqual(malformed);
    expect(fetches('/rotated')).toBe(2);
  });

  it('3.9 many made-up kids give one fetch', async () => {
    const id = await client(publish('/garbage', key.publicJwk));
    expect((await requestToken(running, id, key)).status).toBe(200);
    const guess = (): Promise<Answer> => requestToken(running, id, key, { header: { kid: crypto.randomUUID() } });
    const answers = await Promise.all(Array.from({ length: 20 }, guess));
    for (let count = 0; count < 20; count++) answers.push(await guess());
    expect(answers.map(outcome)).toEqual(answers.map(() => malformed));
    expect((await requestToken(running, id, key)).status).toBe(200);
    expect(fetches('/garbage')).toBe(2);
  });

  it('asks nobody for an unknown client, another method, another algorithm or no kid', async () => {
    const uri = publish('/unasked', key.publicJwk);
    const id = await client(uri);
    const other = await running.authority.createClient({ jwks_uri: uri });
    expect(outcome(await requestToken(running, 'nobody', key))).toEqual(refused);
    expect(outcome(await requestToken(running, other.id, key))).toEqual(refused);
    expect(outcome(await requestToken(running, id, key, { header: { kid: undefined } }))).toEqual(malformed);
    expect(outcome(await sendAssertion(running, new UnsecuredJWT(assertionClaims(running, id)).encode()))).toEqual(
      refused,
    );
    expect(outcome(await requestToken(running, id, key, { form: { client_id: other.id } }))).toEqual(refused);
    expect(fetches('/unasked')).toBe(0);
  });

  it.each<[string, RequestListener, RegExp]>([
    ['/html', (_, response) => response.end('<html>a neighbour'), /: it is not JSON$/],
    ['/object', (_, response) => response.end('{"neighbour":1}'), /: it is not a JSON Web Key Set$/],
    ['/500', (_, response) => response.writeHead(500).end('{"keys":[]}'), /: it is answered with the status 500$/],
    ['/to-ftp', (_, response) => response.writeHead(302, { location: 'ftp://localhost/' }).end(), /not https$/],
    ['/broken', (_, response) => response.destroy(), /: it cannot be reached$/],
    [
      '/endless',
      (_, response) => {
        const more = (): void => void (response.destroyed || response.write(' '.repeat(65_536), more));
        more();
      },
      /: it is larger than 1 MiB$/,
    ],
  ])('a document that cannot be used is invalid_client, with the reason, and asked for once: %s', async (...row) => {
    const [path, document, why] = row;
    const id = await client(serve(path, document));
    const answers = [await requestToken(running, id, key), await requestToken(running, id, key)];
    expect(answers.map(outcome)).toEqual([refused, refused]);
    for (const { json, text } of answers) {
      expect(json.error_debug).toMatch(why);
      expect(text).not.toMatch(/neighbour/);
    }
    expect(fetches(path)).toBe(1);
  });

  it('reads 1 MiB and not a byte more', async () => {
    const document = JSON.stringify({ keys: [key.publicJwk] });
    const padded = (size: number): RequestListener => {
      return (_request, response) => response.end(document.padEnd(size));
    };
    const id = await client(serve('/large', padded(1024 * 1024)));
    expect((await requestToken(running, id, key)).status).toBe(200);
    const tooLarge = await requestToken(running, await client(serve('/too-large', padded(1024 * 1024 + 1))), key);
    expect(outcome(tooLarge)).toEqual(refused);
    expect(tooLarge.json.error_debug).toMatch(/: it is larger than 1 MiB$/);
  });

  it.each<[string, RequestListener]>([
    ['/silent', () => undefined],
    ['/slow', (_, response) => void response.write('{"keys":[')],
  ])('is not waited for longer than 5 seconds: %s', async (path, document) => {
    const id = await client(serve(path, document));
    const started = Date.now();
    const answers = await Promise.all([requestToken(running, id, key), requestToken(running, id, key)]);
    expect(Date.now() - started).toBeLessThan(8000);
    expect(answers.map(outcome)).toEqual([refused, refused]);
    expect(answers[0].json.error_debug).toMatch(/: it was not there after 5 seconds$/);
    expect(fetches(path)).toBe(1);
  });

  it('may be http where neighbours may be asked', async () => {
    const plain = createServer((_, response) => response.end(JSON.stringify({ keys: [key.publicJwk] })));
    await once(plain.listen(0, '127.0.0.1'), 'listening');
    const id = await client(`http://127.0.0.1:${(plain.address() as AddressInfo).port}/`);
    expect((await requestToken(running, id, key)).status).toBe(200);
    plain.close();
  });

  it('a URI that cannot be used is refused when it is registered', async () => {
    for (const jwks_uri of ['file:///etc/passwd', 'data:,{"keys":[]}', 'ftp://localhost/', 'nowhere', 'https://']) {
      const { status, json } = await running.authority.admin('POST', '/clients', { ...method, jwks_uri });
      expect([jwks_uri, status, json.error]).toEqual([jwks_uri, 400, 'invalid_request']);
    }
  });
});

describe('private_key_jwt with a jwks_uri', () => {
  const running = runningAuthority({ NODE_EXTRA_CA_CERTS: trustedCertificate });

  const loggedReason = async (id: string): Promise<unknown> => {
    const find = (): string | undefined =>
      running.output.split('\n').find((line) => line.includes(`"clientId":"${id}"`));
    await until('the reason is logged', async () => find() !== undefined);
    return (JSON.parse(find() ?? '') as { reason: unknown }).reason;
  };

  it('never leads to this machine or its network, by address or by name; the log has the reason, without the URL', async () => {
    const { port } = new URL(server.origin);
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '10.0.0.1']) {
      const { id } = await running.authority.createClient({ ...method, jwks_uri: `https://${host}:${port}/never` });
      const answer = await requestToken(running, id, key);
      expect(outcome(answer)).toEqual(refused);
      expect(answer.json).not.toHaveProperty('error_debug');
      const reason = await loggedReason(id);
      expect([host, reason]).toEqual([host, expect.stringMatching(/address is private/)]);
    }
    expect(server.requests.filter((path) => path === '/never')).toEqual([]);
    expect(running.output).not.toMatch(/never/);
  });

  it('may not be http', async () => {
    const { json, status } = await running.authority.admin('POST', '/clients', {
      ...method,
      jwks_uri: 'http://a.example/',
    });
    expect([status, json.error_hint]).toEqual([400, expect.stringContaining('https')]);
  });
});
