import { type AuthorityClient, TestBrowser, codeIn } from '#libs/harness';
import { absent, type Ledger, kidsOf } from './ledger.js';

/** One command or flow after the other, for as long as the authority lives. */
type Writer = (step: number) => Promise<void>;

type Load = {
  readonly authority: AuthorityClient;
  readonly ledger: Ledger;
  /** Makes the names of this load its own. */
  readonly prefix: string;
  readonly random: () => number;
};

/**
 * Writes from many sides at once until the authority is gone: clients, tokens of machines, keys, whole flows with refresh and
 * revocation. Resolves when every writer was cut off.
 */
export async function writeUntilCutOff(load: Load): Promise<void> {
  const client = await load.authority.createClient({ client_id: `${load.prefix}-app` });
  const writers = [
    ...[1, 2, 3, 4].map((number) => clientWriter(load, `${load.prefix}-c${number}`)),
    ...[1, 2, 3, 4].map(() => machineWriter(load, client)),
    ...[1, 2].map((number) => keyWriter(load, `${load.prefix}-k${number}`)),
    ...[1, 2, 3, 4, 5, 6].map((number) => flowWriter(load, `${load.prefix}-s${number}@example.org`, client)),
  ];
  await Promise.all(
    writers.map(async (write) => {
      try {
        for (let step = 0; ; step++) await write(step);
      } catch {
        return; // cut off, or surprised: the ledger tells
      }
    }),
  );
}

function clientWriter({ authority, ledger, random }: Load, prefix: string): Writer {
  return async (step) => {
    const id = `${prefix}-${step}`;
    const name = `client:${id}`;
    const create = (label: string) =>
      ledger.attempt(
        { [name]: label },
        () => authority.admin('POST', '/clients', { client_id: id, client_name: label }),
        201,
      );
    await create('first');
    const fate = random();
    if (fate < 0.3) return;
    await ledger.attempt(
      { [name]: 'second' },
      () => authority.admin('PUT', `/clients/${id}`, { client_name: 'second' }),
      200,
    );
    if (fate < 0.6) return;
    await ledger.attempt({ [name]: absent }, () => authority.admin('DELETE', `/clients/${id}`), 204);
    if (fate > 0.85) await create('third');
  };
}

function machineWriter({ authority, ledger, random }: Load, client: { id: string; secret: string }): Writer {
  return async () => {
    const answer = await ledger.attempt(
      {},
      () => authority.form('/oauth2/token', { grant_type: 'client_credentials' }, client),
      200,
    );
    const token: string = answer.json.access_token;
    ledger.issued(token);
    if (random() < 0.3) await revoke(authority, ledger, client, [token]);
  };
}

function keyWriter({ authority, ledger, random }: Load, prefix: string): Writer {
  return async (step) => {
    const set = `${prefix}-${step}`;
    const name = `keys:${set}`;
    const generate = (kid: string) => () => authority.admin('POST', `/keys/${set}`, { alg: 'HS256', kid, use: 'sig' });
    const first = kidsOf(await ledger.attempt({ [name]: 'one' }, generate('one'), 201));
    const both = [first, 'two'].sort().join();
    await ledger.attempt({ [name]: both }, generate('two'), 201);
    const fate = random();
    if (fate < 0.4) return;
    await ledger.attempt({ [name]: 'two' }, () => authority.admin('DELETE', `/keys/${set}/${first}`), 204);
    if (fate > 0.7) await ledger.attempt({ [name]: absent }, () => authority.admin('DELETE', `/keys/${set}`), 204);
  };
}

/** A person who logs in again and again: tokens are refreshed, and revoked one by one or all at once. */
function flowWriter(
  { authority, ledger, random }: Load,
  subject: string,
  client: { id: string; secret: string; redirectUri: string },
): Writer {
  const alive = new Set<string>();
  return async () => {
    const parameters = { client_id: client.id, redirect_uri: client.redirectUri, scope: 'openid offline' };
    const browser = new TestBrowser();
    const code = codeIn(await authority.authorize(browser, parameters, { subject, login: { remember: true } }));
    const { json: tokens } = await ledger.attempt({}, () => authority.exchange(client, code), 200);
    const issued: string[] = [tokens.access_token, tokens.refresh_token];
    ledger.issued(...issued);
    issued.forEach((token) => alive.add(token));
    const fate = random();
    if (fate < 0.5) {
      const gone = states(issued, 'inactive');
      const { json: next } = await ledger.attempt(gone, () => authority.refresh(client, tokens.refresh_token), 200);
      issued.forEach((token) => alive.delete(token));
      ledger.issued(next.access_token, next.refresh_token);
      alive.add(next.access_token).add(next.refresh_token);
    } else if (fate < 0.7) {
      await revoke(authority, ledger, client, issued);
      issued.forEach((token) => alive.delete(token));
    } else if (fate < 0.85) {
      const path = `/oauth2/auth/sessions/consent/${encodeURIComponent(subject)}`;
      await ledger.attempt(states([...alive], 'inactive'), () => authority.admin('DELETE', path), 204);
      alive.clear();
    }
  };
}

/** Revokes the first of the tokens, which are all of one grant. */
async function revoke(
  authority: AuthorityClient,
  ledger: Ledger,
  client: { id: string; secret: string },
  tokens: readonly string[],
): Promise<void> {
  const [token = ''] = tokens;
  await ledger.attempt(states(tokens, 'inactive'), () => authority.form('/oauth2/revoke', { token }, client), 200);
}

function states(tokens: readonly string[], state: string): Record<string, string> {
  return Object.fromEntries(tokens.map((token) => [`token:${token}`, state]));
}
