import { type EventStore, openEventStoreDb, openSqliteEventStore } from '#libs/event-store';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '#libs/eventstoredb-double';
import {
  type AuthorityProcess,
  type HeldAddresses,
  holdAddresses,
  type HydrantResult,
  runHydrant,
  scratchFolder,
  type ServerProcess,
  startAuthority,
  startServer,
  until,
} from '#libs/harness';

export type LogKind = 'sqlite' | 'eventstoredb';

const publishedMs = 60_000;

/** A product as it is installed, with its relay: part of the authority on the embedded log, a process of its own on EventStoreDB. */
export class Installation {
  private running: AuthorityProcess | undefined;
  private relayProcess: { readonly server: ServerProcess; readonly ready: string } | undefined;

  private constructor(
    private readonly scratch: Awaited<ReturnType<typeof scratchFolder>>,
    private readonly log: EventStoreDbDouble | undefined,
    private readonly addresses: HeldAddresses,
    private readonly kafka: Readonly<Record<string, string>>,
  ) {}

  /** `kafka`: the variables that say which, and under what prefix. */
  static async start(kind: LogKind, kafka: Readonly<Record<string, string>>): Promise<Installation> {
    const log = kind === 'sqlite' ? undefined : await startEventStoreDbDouble();
    const installation = new Installation(await scratchFolder(), log, await holdAddresses(), kafka);
    await installation.startAuthority();
    await installation.startRelay();
    return installation;
  }

  get authority(): AuthorityProcess {
    if (this.running === undefined) throw new Error('the authority is not running');
    return this.running;
  }

  /** With the embedded log the authority is the relay, and there already. */
  async startRelay(): Promise<void> {
    if (this.log === undefined) return;
    const env = { ...this.env, SERVE_RELAY_PORT: '0', LOG_FORMAT: 'json' };
    this.relayProcess = await startServer(['apps/authority/src/main.js', 'relay', 'run'], { env }, relayUrl);
  }

  /** Does something to the log: past the authority, or where that has the log for itself, while it is stopped. */
  async edit<Result>(act: (store: EventStore) => Promise<Result>): Promise<Result> {
    return this.without(async () => {
      const { log, scratch } = this;
      const store =
        log === undefined
          ? openSqliteEventStore(scratch.folder)
          : await openEventStoreDb({ url: log.url, prefix: 'hydrant.' });
      try {
        return await act(store);
      } finally {
        await store.close();
      }
    });
  }

  /** Does something that needs the embedded log for itself. */
  async without<Result>(act: () => Promise<Result>): Promise<Result> {
    if (this.log !== undefined) return act();
    await this.authority.stop();
    this.running = undefined;
    const result = await act();
    await this.startAuthority();
    return result;
  }

  /** `hydrant relay …` */
  relay(...args: readonly string[]): Promise<HydrantResult> {
    return runHydrant(['relay', ...args], {
      ...this.env,
      DATA_DIR: this.scratch.folder,
      URLS_SELF_ISSUER: this.issuer,
    });
  }

  /** All there is in the log is published. */
  async caughtUp(): Promise<void> {
    const published = async (): Promise<boolean> => (await this.metric('hydrant_relay_lag_events')) === 0;
    await until('all is published', published, publishedMs).catch(async (error: unknown) => {
      const said = saidBy(this.relayProcess?.server ?? this.authority);
      throw new Error(`${said}\n${await this.reason()}`, { cause: error });
    });
  }

  /** What the relay says when it stopped at an event. */
  async whyStopped(): Promise<string> {
    let why = '';
    const stopped = async (): Promise<boolean> => {
      why = await this.reason();
      return why.includes('cannot be published');
    };
    await until('the relay stops', stopped, publishedMs);
    return why;
  }

  async stop(): Promise<void> {
    await this.relayProcess?.server.stop();
    await this.running?.stop();
    await this.addresses.admin.close();
    await this.addresses.public.close();
    await this.log?.close();
    await this.scratch.remove();
  }

  private get issuer(): string {
    return `http://localhost:${this.addresses.public.port}`;
  }

  private get env(): Record<string, string> {
    const store = this.log === undefined ? {} : { EVENT_STORE: this.log.url };
    return { ...this.kafka, ...store, SECRETS_SYSTEM: 'a-secret-of-this-installation', URLS_SELF_ISSUER: this.issuer };
  }

  private async startAuthority(): Promise<void> {
    this.running = await startAuthority(this.scratch.folder, this.env, this.addresses);
  }

  /** Where the relay tells how it is. */
  private get relayUrl(): string {
    return this.relayProcess?.ready ?? this.authority.adminUrl;
  }

  /** NaN also when nobody answers: a connection may be lost while much goes on; whoever waits in vain sees what the relay said. */
  private async metric(name: string): Promise<number> {
    const answer = await fetch(`${this.relayUrl}/metrics/prometheus`).catch(() => undefined);
    const text = (await answer?.text().catch(() => '')) ?? '';
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  }

  /** A relay of its own ends with what it has to say. */
  private async reason(): Promise<string> {
    const { server } = this.relayProcess ?? {};
    if (server === undefined) return (await fetch(`${this.relayUrl}/health/ready`)).text();
    return server.child.exitCode === null ? '' : server.output();
  }
}

/** The last that it said, but for the requests it answered. */
export function saidBy(program: { readonly output: () => string }): string {
  const lines = program.output().split('\n');
  return lines
    .filter((line) => !line.includes('"msg":"answered"'))
    .slice(-20)
    .join('\n');
}

function relayUrl(output: string): string | undefined {
  const line = /^.*"the relay runs".*$(?=\n)/m.exec(output)?.[0];
  return line === undefined ? undefined : (JSON.parse(line) as { url: string }).url;
}
