import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, type AuthorityClient } from '#libs/harness';

type Told = 'yes' | 'perhaps';

/** A client backs off when it is told to; a tenth of what it is told, to see the store come back. */
const retryAfterMs = 100;

/**
 * Writes from several sides until it is stopped, and keeps what it was told. A 503 is a fair answer while the store is away: what it
 * was for may or may not be there, at most once. Any other failure is a surprise.
 */
export class FaultLoad {
  readonly surprises: string[] = [];
  /** Client ids by whether their creation was acknowledged. */
  readonly clients = new Map<string, Told>();
  /** Ids of clients whose creation was asked for until it was acknowledged, here and there, by their names. */
  readonly sureClients = new Map<string, string>();
  /** Tokens that were handed out, by whether their revocation was. */
  readonly tokens = new Map<string, 'active' | 'revoked' | 'perhaps revoked'>();
  acknowledged = 0;
  unavailable = 0;
  private running = true;
  private readonly writers: Promise<void>[] = [];

  constructor(
    private readonly authorities: readonly AuthorityClient[],
    private readonly machine: { id: string; secret: string },
    private readonly prefix = 'load',
  ) {}

  start(): void {
    this.authorities.forEach((authority, index) => {
      const name = `${this.prefix}-${index}`;
      for (const writer of [1, 2, 3])
        this.writers.push(this.repeat((step) => this.createClient(authority, `${name}-${writer}-${step}`)));
      for (const _writer of [1, 2, 3]) this.writers.push(this.repeat((step) => this.issueToken(authority, step)));
      this.writers.push(this.repeat((step) => this.turnKeys(authority, `${name}-keys-${step}`)));
      this.writers.push(this.repeat((step) => this.createSurely(`${name}-sure-${step}`, index)));
    });
  }

  /** Resolves when every writer has had its last answer. */
  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.writers);
  }

  /** What the authority says otherwise than the load was told. */
  async differences(authority: AuthorityClient): Promise<string[]> {
    const found: string[] = [];
    for (const [id, told] of this.clients) {
      const { status } = await authority.admin('GET', `/clients/${id}`);
      if (status !== 200 && !(told === 'perhaps' && status === 404)) found.push(`client ${id} (${told}): ${status}`);
    }
    for (const [name, id] of this.sureClients) {
      const { json } = await authority.admin('GET', `/admin/clients?client_name=${name}`);
      const ids = json.map((client: { client_id: string }) => client.client_id);
      if (ids.join() !== id) found.push(`client named ${name}, told ${id}: ${ids.join(' and ')}`);
    }
    for (const [token, told] of this.tokens) {
      const active = await authority.isActive(token);
      if (told === 'active' ? !active : told === 'revoked' && active) found.push(`a token (${told}): active ${active}`);
    }
    return found;
  }

  private async repeat(write: (step: number) => Promise<void>): Promise<void> {
    for (let step = 0; this.running; step++) await write(step);
  }

  private async createClient(authority: AuthorityClient, id: string): Promise<void> {
    this.clients.set(id, 'perhaps');
    if (await this.attempt(201, () => authority.admin('POST', '/clients', { client_id: id })))
      this.clients.set(id, 'yes');
  }

  /** As callers do that must not lose a client, nor make two: one Idempotency-Key, on one instance after the other. */
  private async createSurely(name: string, first: number): Promise<void> {
    const headers = { 'idempotency-key': name };
    for (let attempt = first; this.running; attempt++) {
      const authority = this.authorities[attempt % this.authorities.length]!;
      const create = () => authority.admin('POST', '/clients', { client_name: name }, headers);
      const answer = await this.attempt(201, create);
      if (answer !== undefined) return void this.sureClients.set(name, answer.json.client_id);
    }
  }

  private async issueToken(authority: AuthorityClient, step: number): Promise<void> {
    const issue = () => authority.form('/oauth2/token', { grant_type: 'client_credentials' }, this.machine);
    const answer = await this.attempt(200, issue);
    if (answer === undefined) return;
    const token: string = answer.json.access_token;
    this.tokens.set(token, 'active');
    if (step % 4 !== 0) return;
    this.tokens.set(token, 'perhaps revoked');
    if (await this.attempt(200, () => authority.form('/oauth2/revoke', { token }, this.machine)))
      this.tokens.set(token, 'revoked');
  }

  /** Keys come and go, and their secrets' streams are deleted. */
  private async turnKeys(authority: AuthorityClient, set: string): Promise<void> {
    await this.attempt(201, () => authority.admin('POST', `/keys/${set}`, { alg: 'HS256', kid: 'one' }));
    await this.attempt(204, () => authority.admin('DELETE', `/keys/${set}`));
  }

  private async attempt(status: number, command: () => Promise<Answer>): Promise<Answer | undefined> {
    const answer = await command().catch((error: unknown) => void this.surprises.push(String(error)));
    if (answer?.status === status) {
      this.acknowledged++;
      return answer;
    }
    if (answer?.status === 503) {
      this.unavailable++;
      await wait(retryAfterMs);
    } else if (answer !== undefined) {
      this.surprises.push(`${answer.status} instead of ${status}: ${answer.text}`);
    }
    return undefined;
  }
}
