import { type Agent } from 'node:http';
import { type Answer, type Exchange, type Target, basic, exchangeFor, formType, jsonType } from './http-exchange.js';

export type JourneyClient = { readonly id: string; readonly secret: string; readonly redirectUri: string };

/** The requests of a journey, in order; the bare server knows its answers by these names. */
export const journeySteps = [
  ...(['loginRequest', 'loginAccepted', 'afterLogin', 'consentRequest'] as const),
  ...(['consentAccepted', 'afterConsent', 'codeRedeemed'] as const),
];
export type JourneyStep = (typeof journeySteps)[number];

/** One journey as it went: the answers, and the ids in the names of its streams. */
export type TakenJourney = {
  readonly answers: Readonly<Record<JourneyStep, Answer>>;
  readonly loginId: string;
  readonly consentChallenge: string;
};

/**
 * The authorization-code flow as browser, apps and client make it: seven requests, from the first redirect to the tokens. It is
 * not the harness's `AuthorityClient`, because it is what is measured, thousands of times: on connections that stay open, with no more
 * work for the load process than there has to be, and against a bare server whose answers lead to the other one's URLs.
 *
 * @throws Error when an answer is not what a journey that goes on gets
 */
export async function takeJourney(
  agent: Agent,
  target: Target,
  { client, scope, subject }: { client: JourneyClient; scope: string; subject: string },
): Promise<TakenJourney> {
  const { adminUrl, publicUrl } = target;
  const requests = `${adminUrl}/oauth2/auth/requests`;
  const browser = new Cookies();
  const visit = async (pathAndQuery: string): Promise<Answer> => {
    const answer = await exchangeFor(302, agent, { url: `${publicUrl}${pathAndQuery}`, headers: browser.header() });
    browser.keep(answer);
    return answer;
  };
  const put = (url: string, body: object): Exchange => ({
    ...{ url, method: 'PUT', headers: jsonType, body: JSON.stringify(body) },
  });

  const loginRequest = await visit(authorizationPath(client, scope));
  const loginChallenge = parameterIn(loginRequest, 'login_challenge');
  const acceptLogin = put(`${requests}/login/${loginChallenge}/accept`, { subject });
  const loginAccepted = await exchangeFor(200, agent, acceptLogin);
  const afterLogin = await visit(redirectIn(loginAccepted));
  const consentChallenge = parameterIn(afterLogin, 'consent_challenge');
  const consentRequest = await exchangeFor(200, agent, { url: `${requests}/consent/${consentChallenge}` });
  const { requested_scope } = JSON.parse(consentRequest.body) as { requested_scope: string[] };
  const acceptConsent = put(`${requests}/consent/${consentChallenge}/accept`, { grant_scope: requested_scope });
  const consentAccepted = await exchangeFor(200, agent, acceptConsent);
  const afterConsent = await visit(redirectIn(consentAccepted));
  const codeRedeemed = await exchangeFor(200, agent, redemption(target, client, parameterIn(afterConsent, 'code')));
  const beforeConsent = { loginRequest, loginAccepted, afterLogin, consentRequest };
  const answers = { ...beforeConsent, consentAccepted, afterConsent, codeRedeemed };
  const loginId = Buffer.from(loginChallenge, 'base64url').toString('hex', 2, 18); // docs/adr/0012
  return { answers, loginId, consentChallenge };
}

/** Path and query that start a flow. */
export function authorizationPath({ id, redirectUri }: JourneyClient, scope: string): string {
  const parameters = { response_type: 'code', client_id: id, redirect_uri: redirectUri, scope, state: 'a-state-value' };
  return `/oauth2/auth?${new URLSearchParams(parameters).toString()}`;
}

/** @throws Error when the redirect has no such parameter */
export function parameterIn({ headers }: Pick<Answer, 'headers'>, name: string): string {
  const value = new URL(headers.location ?? '', 'http://localhost').searchParams.get(name);
  if (value === null) throw new Error(`no ${name} in ${headers.location}`);
  return value;
}

function redemption({ publicUrl }: Target, client: JourneyClient, code: string): Exchange {
  const form = { grant_type: 'authorization_code', code, redirect_uri: client.redirectUri };
  const headers = { ...formType, ...basic(client) };
  return { url: `${publicUrl}/oauth2/token`, method: 'POST', headers, body: new URLSearchParams(form).toString() };
}

/** Only path and query: the bare server answers with the other one's URLs. */
function redirectIn({ body }: Answer): string {
  const { pathname, search } = new URL((JSON.parse(body) as { redirect_to: string }).redirect_to);
  return `${pathname}${search}`;
}

class Cookies {
  private readonly values = new Map<string, string>();

  header(): Record<string, string> {
    const cookie = [...this.values].map(([name, value]) => `${name}=${value}`).join('; ');
    return cookie === '' ? {} : { cookie };
  }

  keep({ headers }: Answer): void {
    for (const header of headers['set-cookie'] ?? []) {
      const pair = header.split(';', 1)[0] ?? '';
      this.values.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
  }
}
