import { type Agent } from 'node:http';
import { authorizationPath, type JourneyClient, parameterIn, type TakenJourney, takeJourney } from './code-journey.js';
import { type CannedAnswers, canned } from './canned-answers.js';
import { type Answer, type Target, basic, exchangeFor, formType, jsonType } from './http-exchange.js';
import { type Sample, onLanes, once, repeatedly } from './load.js';

/** Something a server is asked to do again and again. `targetRatio`: what share of the bare server's rate it should have. */
export type HttpCase = {
  readonly name: string;
  readonly targetRatio?: number;
  run(target: Target, seconds: number): Promise<Sample>;
};

/** What the cases use: a registered client, its token, the answers for the bare server. */
export type Fixture = {
  readonly client: JourneyClient;
  readonly token: string;
  readonly journey: TakenJourney;
  readonly answers: CannedAnswers;
};

const subjects = 1000;
const scope = 'openid offline photos';
const redirectUri = 'http://127.0.0.1:5555/callback';
const registration = JSON.stringify({
  client_name: 'Bench',
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  response_types: ['code'],
  scope,
  contacts: ['ops@example.org'],
  owner: 'bench',
});

/** Does everything once and keeps the answers. */
export async function prepare(agent: Agent, hydrant: Target): Promise<Fixture> {
  const { adminUrl } = hydrant;
  const created = await exchangeFor(201, agent, clientCreation(hydrant));
  const { client_id: id, client_secret: secret } = JSON.parse(created.body) as Record<string, string>;
  const client = { id: id ?? '', secret: secret ?? '', redirectUri };
  const journey = await takeJourney(agent, hydrant, { client, scope, subject: subjectName(0) });
  const machineToken = await exchangeFor(200, agent, tokenRequest(hydrant, client));
  const { access_token: token } = JSON.parse(machineToken.body) as { access_token: string };
  const introspection = await exchangeFor(200, agent, introspectionOf(hydrant, token));
  if (!introspection.body.includes('"active":true')) throw new Error('the token is not active');
  const found = await exchangeFor(200, agent, { url: `${adminUrl}/clients/${client.id}` });
  const answers: Record<string, Answer> = { client: found, clientCreated: created, introspection, machineToken };
  const all = Object.entries({ ...answers, ...journey.answers }).map(([name, answer]) => [name, canned(answer)]);
  return { client, token, journey, answers: Object.fromEntries(all) as CannedAnswers };
}

/**
 * The cases, in the order in which they run.
 *
 * @param options.acceptsPerSecond how many login requests are prepared for each second of a round
 */
export function httpCases(
  { client, token }: Fixture,
  { agent, connections, acceptsPerSecond }: { agent: Agent; connections: number; acceptsPerSecond: number },
): HttpCase[] {
  const path = `/clients/${client.id}`;
  return [
    {
      ...{ name: 'GET client', targetRatio: 0.7 },
      run: ({ adminUrl: url, cpuUs }, seconds) =>
        repeatedly({ url, cpuUs, connections, seconds, request: { method: 'GET', path } }),
    },
    {
      ...{ name: 'introspection of a live token', targetRatio: 0.7 },
      run: (target, seconds) => repeatedly({ ...load(target, introspectionOf(target, token)), connections, seconds }),
    },
    {
      ...{ name: 'client_credentials token', targetRatio: 0.4 },
      run: (target, seconds) => repeatedly({ ...load(target, tokenRequest(target, client)), connections, seconds }),
    },
    {
      name: 'first call of a flow',
      run: (target, seconds) => {
        const count = Math.ceil(seconds * acceptsPerSecond);
        const requests = Array.from({ length: count }, () => ({
          method: 'GET' as const,
          path: authorizationPath(client, scope),
        }));
        return once({ ...target, url: target.publicUrl, connections, requests, redirects: true });
      },
    },
    {
      name: 'login accept',
      run: (target, seconds) => {
        const count = Math.ceil(seconds * acceptsPerSecond);
        return acceptLogins(target, client, { connections, count });
      },
    },
    {
      name: 'code journey (7 requests, ID token)',
      run: (target, seconds) => journeys(agent, target, { client, connections, seconds, scope }),
    },
    {
      name: 'code journey without ID token',
      run: (target, seconds) => journeys(agent, target, { client, connections, seconds, scope: 'offline photos' }),
    },
    {
      name: 'POST client',
      run: (target, seconds) => repeatedly({ ...load(target, clientCreation(target)), connections, seconds }),
    },
  ];
}

type Posted = { url: string; method: 'POST'; headers: Record<string, string>; body: string };

function clientCreation({ adminUrl }: Target): Posted {
  return { url: `${adminUrl}/clients`, method: 'POST', headers: jsonType, body: registration };
}

function tokenRequest({ publicUrl }: Target, client: JourneyClient): Posted {
  const headers = { ...formType, ...basic(client) };
  return { url: `${publicUrl}/oauth2/token`, method: 'POST', headers, body: 'grant_type=client_credentials' };
}

function introspectionOf({ adminUrl }: Target, token: string): Posted {
  return { url: `${adminUrl}/oauth2/introspect`, method: 'POST', headers: formType, body: `token=${token}` };
}

function load({ cpuUs }: Target, { url, method, headers, body }: Posted) {
  const { origin, pathname: path } = new URL(url);
  return { url: origin, cpuUs, request: { method, path, headers, body } };
}

/** Each login request is accepted once: as many as a round takes are made first, untimed. */
async function acceptLogins(
  target: Target,
  client: JourneyClient,
  round: { connections: number; count: number },
): Promise<Sample> {
  const challenges = await loginChallenges(target, client, round);
  const requests = challenges.map((challenge, index) => ({
    method: 'PUT' as const,
    path: `/oauth2/auth/requests/login/${challenge}/accept`,
    headers: jsonType,
    body: JSON.stringify({ subject: subjectName(index) }),
  }));
  return once({ url: target.adminUrl, cpuUs: target.cpuUs, connections: round.connections, requests });
}

async function loginChallenges(
  { publicUrl, name, cpuUs }: Target,
  client: JourneyClient,
  { connections, count }: { connections: number; count: number },
): Promise<string[]> {
  if (name === 'bare') return Array.from({ length: count }, (_, index) => String(index).padStart(32, '0'));
  const challenges: string[] = [];
  const requests = Array.from({ length: count }, () => ({
    method: 'GET' as const,
    path: authorizationPath(client, scope),
    // eslint-disable-next-line house/three-parameters -- autocannon calls it
    onResponse: (_status: number, _body: string, _context: object, headers?: object) => {
      const { location = '' } = lowerCased(headers);
      challenges.push(parameterIn({ headers: { location } }, 'login_challenge'));
    },
  }));
  await once({ url: publicUrl, cpuUs, connections, requests, redirects: true });
  return challenges;
}

function lowerCased(headers: object = {}): Partial<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function journeys(
  agent: Agent,
  target: Target,
  options: { client: JourneyClient; connections: number; seconds: number; scope: string },
): Promise<Sample> {
  const { client, connections, seconds } = options;
  let taken = 0;
  return onLanes({ lanes: connections, seconds, cpuUs: target.cpuUs }, () =>
    takeJourney(agent, target, { client, scope: options.scope, subject: subjectName(taken++) }),
  );
}

function subjectName(index: number): string {
  return `user-${index % subjects}@example.org`;
}
