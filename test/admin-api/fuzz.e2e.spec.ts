import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  AuthorityClient,
  type AuthorityProcess,
  TestBrowser,
  challengeIn,
  expectDocumented,
  scratchFolder,
  startAuthority,
} from '#libs/harness';
import { repeatedKeys } from './fuzzed-headers.js';
import { type FuzzedRequest, type Names, fuzzedRequests } from './fuzzed-requests.js';

const seed = 20_190_410;
const requests = 30_720;
const batchSize = 1024;
const inFlight = 8;
/** RSA-4096 pairs take a second or more each. */
const rsaPairs = 4;

type Exchange = { readonly id: string; readonly request: FuzzedRequest; readonly status: number };
type LoggedEvent = { readonly type: string; readonly stream: string; readonly correlationId: string };

/** A subject's key is the codec's own, made when something of a new subject is first sealed, in no request's name. */
const codecEvents = ['SubjectKeySealed', 'SubjectKeyCreated'];

/** What a write answered with 2xx adds to the log, at least; deletions of what is not there add nothing. */
const alwaysRecorded: readonly [method: string, pathname: RegExp, event: RegExp][] = [
  ['POST', /^(\/admin)?\/clients$/, /^ClientCreated$/],
  ['PUT', /^(\/admin)?\/clients\/[^/]+$/, /^ClientUpdated$/],
  ['PATCH', /^\/admin\/clients\/[^/]+$/, /^ClientUpdated$/],
  ['DELETE', /^\/admin\/clients\/[^/]+$/, /^ClientDeleted$/],
  ['POST', /^(\/admin)?\/keys\/[^/]+$/, /^(KeySetCreated|KeyRotated)$/],
  ['PUT', /^(\/admin)?\/keys\/[^/]+\/[^/]+$/, /^(KeyAdded|KeyReplaced|KeySetCreated)$/],
  ['PUT', /\/login(\/[^/]+)?\/accept$/, /^LoginAccepted$/],
  ['PUT', /\/login(\/[^/]+)?\/reject$/, /^LoginRejected$/],
  ['DELETE', /\/sessions\/consent\//, /^ConsentRevoked$/],
];

describe('requests drawn at random', () => {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  let process: AuthorityProcess;
  let names: Names;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    const scratch = await scratchFolder();
    remove = () => scratch.remove();
    process = await startAuthority(scratch.folder);
    names = { ...(await namesIn(new AuthorityClient(process))), position: headOf(process) };
  }, 60_000);
  afterAll(async () => {
    agent.destroy();
    await process.stop();
    await remove();
  });

  it('never trip the server, are answered as documented, and record nothing unless they succeed', async () => {
    const drawn = fc.sample(fuzzedRequests(names), { seed, numRuns: requests });
    const rsa = Array.from({ length: rsaPairs }, (_, index): FuzzedRequest => {
      const path = index % 2 === 0 ? '/keys/rsa' : '/admin/keys/rsa';
      return { method: 'POST', path, headers: {}, body: '{"alg":"RS256","use":"sig"}' };
    });
    const statuses = new Map<number, number>();
    for (let from = 0; from < drawn.length; from += batchSize) {
      const batch = [...drawn.slice(from, from + batchSize), ...(from === 0 ? rsa : [])];
      const before = headOf(process);
      const exchanges = await allOf(batch, from);
      for (const { status } of exchanges) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      expectExplained(exchanges, eventsAfter(process, before));
      await expectUnharmed();
    }
    expect([...statuses.values()].reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(requests);
    for (const status of [200, 201, 204, 400, 404, 405, 409, 410, 412])
      expect({ status, often: (statuses.get(status) ?? 0) > 50 }).toEqual({ status, often: true });
  }, 300_000);

  /** Sends a batch, several at a time over connections that are kept; each request under an id of its own. */
  async function allOf(batch: readonly FuzzedRequest[], first: number): Promise<Exchange[]> {
    const exchanges: Exchange[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < batch.length) {
        const index = next++;
        const id = `fuzz-${first}-${index}`;
        const request = batch[index]!;
        exchanges.push({ id, request, status: await exchange(request, id) });
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    return exchanges;
  }

  /** One request; the answer must be one of those the OpenAPI document describes, and no error of the server. */
  function exchange({ method, path, headers, body }: FuzzedRequest, id: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const sent = { ...headers, 'x-request-id': id };
      const outgoing = httpRequest(`${process.adminUrl}/`, { agent, method, path, headers: sent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const status = answer.statusCode ?? 0;
          const text = Buffer.concat(chunks).toString('utf8');
          try {
            if (status >= 500) throw new Error(`${status} ${text}`);
            const header = (name: string) => answer.headers[name.toLowerCase()]?.toString();
            expectDocumented(method, path, { status, text, header });
            resolve(status);
          } catch (error) {
            reject(new Error(`${method} ${path} ${JSON.stringify({ headers, body })}`, { cause: error }));
          }
        });
      });
      outgoing.on('error', (error) => reject(new Error(`${method} ${path} ${JSON.stringify(body)}`, { cause: error })));
      outgoing.end(body);
    });
  }

  async function expectUnharmed(): Promise<void> {
    expect(process.child.exitCode).toBeNull();
    expect((await fetch(`${process.adminUrl}/health/ready`)).status).toBe(200);
    const complaints = process
      .output()
      .split('\n')
      .filter((line) => /"level":"(?:error|fatal)"|unexpected error|nhandled/.test(line));
    expect(complaints).toEqual([]);
  }
});

/** No event without a 2xx: every new event carries the id of a request that succeeded; and no success without its event. */
function expectExplained(exchanges: readonly Exchange[], events: readonly LoggedEvent[]): void {
  const succeeded = new Map(exchanges.filter(({ status }) => status < 300).map((one) => [one.id, one]));
  const sent = new Map(exchanges.map((one) => [one.id, one]));
  const unexplained = events.filter(
    ({ correlationId, type }) => !succeeded.has(correlationId) && !codecEvents.includes(type),
  );
  expect(unexplained.map((event) => ({ event, cause: sent.get(event.correlationId) }))).toEqual([]);
  const recorded = new Map<string, string[]>();
  for (const { correlationId, type } of events)
    recorded.set(correlationId, [...(recorded.get(correlationId) ?? []), type]);
  for (const { id, request } of succeeded.values()) {
    const expected = eventOf(request);
    const types = recorded.get(id) ?? [];
    if (request.method === 'GET') expect({ request, types }).toEqual({ request, types: [] });
    if (expected !== undefined)
      expect({ request, types, recorded: types.some((type) => expected.test(type)) }).toMatchObject({ recorded: true });
  }
}

/** A request sent again under its key may be answered as before, with nothing new to record. */
function eventOf({ method, path, headers }: FuzzedRequest): RegExp | undefined {
  if (repeatedKeys.includes(headers['idempotency-key'] ?? '')) return undefined;
  const [pathname = ''] = path.split('?');
  return alwaysRecorded.find(([name, pattern]) => name === method && pattern.test(pathname))?.[2];
}

function headOf({ dataDir }: AuthorityProcess): number {
  return query<{ head: number }>(dataDir, 'SELECT max(position) AS head FROM events')[0]!.head;
}

function eventsAfter({ dataDir }: AuthorityProcess, head: number): LoggedEvent[] {
  const rows = query<{ type: string; stream: string; metadata: string }>(
    dataDir,
    `SELECT type, stream, metadata FROM events WHERE position > ${head} AND type NOT LIKE '$%' ORDER BY position`,
  );
  return rows.map(({ type, stream, metadata }) => ({
    type,
    stream,
    correlationId: JSON.parse(metadata).correlationId,
  }));
}

function query<Row>(dataDir: string, sql: string): Row[] {
  const db = new DatabaseSync(join(dataDir, 'events.db'), { readOnly: true });
  try {
    return db.prepare(sql).all() as Row[];
  } finally {
    db.close();
  }
}

/** Requests that wait for a decision, some that were used, and tokens, of a client that the drawn requests do not name. */
async function namesIn(authority: AuthorityClient): Promise<Omit<Names, 'position'>> {
  const client = await authority.createClient();
  const parameters = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid offline' };
  const loginChallenges: string[] = [];
  const consentChallenges: string[] = [];
  for (let flow = 0; flow < 400; flow++)
    loginChallenges.push(await authority.requestLogin(new TestBrowser(), parameters));
  for (let flow = 0; flow < 30; flow++) {
    const browser = new TestBrowser();
    const login = await authority.requestLogin(browser, parameters);
    const subject = flow < 10 ? `user-${flow % 3}` : 'nobody else'; // whose consents no drawn request revokes
    const afterLogin = await authority.acceptLogin(login, { subject });
    const consent = challengeIn(await browser.followed(afterLogin), 'consent_challenge');
    consentChallenges.push(consent);
    if (flow % 5 !== 0) continue;
    await browser.followed(await authority.acceptConsent(consent, {}));
    loginChallenges.push(...Array.from({ length: 10 }, () => login)); // as often as others, of which there are more
  }
  const { access_token, refresh_token = '' } = await authority.obtainTokens(client);
  return { loginChallenges, consentChallenges, tokens: [access_token, refresh_token] };
}
