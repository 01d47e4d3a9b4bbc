import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { type RootKey } from '#libs/crypto';
import { type AuthorityEvent, type DomainEvent } from '#libs/domain';
import { type EventStore, MemoryEventStore, type Position, type RecordedEvent, streamDeleted } from '#libs/event-store';
import { type Answer, AuthorityClient, TcpRelay } from '#libs/harness';
import { blockFolder } from '#libs/testing';
import { readConfiguration } from '../config/read-configuration.js';
import { type Served, serve } from '../process/serve.js';
import { type Retention } from '../retention/retention.js';
import { FixedClock } from './fixed-clock.js';

/** The moment at which every test begins. */
const beginning = new Date('2026-01-15T12:00:00.000Z');
const by = { actor: 'spec', correlationId: 'spec' };

/** Where browsers are sent; nobody follows. */
const apps = { login: 'http://login.example/', consent: 'http://consent.example/' };

/** Events as they stand in a stream. */
export type History = { readonly stream: string; readonly events: readonly AuthorityEvent[] };

/** An event with what the log knows about who caused it. */
export type Recorded = {
  readonly stream: unknown;
  readonly type: AuthorityEvent['type'];
  readonly data: unknown;
  readonly actor: string;
  readonly reason?: string;
};
type StreamDeleted = { readonly stream: unknown; readonly type: typeof streamDeleted };

/** What a request is answered with, and everything it records, in the order of the log. Bodies: JSON, or the text where it is none. */
export type Outcome = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly events: readonly (Recorded | StreamDeleted)[];
};

type Request = (authority: AuthorityClient) => Promise<Answer | Response>;

/**
 * The whole authority in this process for the tests of a block: both listeners, the real composition root, on a log in memory and with
 * a clock that stands still. The log goes on from test to test, so that each has clients and people of its own.
 *
 * `given(...histories).when(request).thenAnswers({ status, body, events })`
 *
 * @param env on top of the addresses of the apps; browsers that are sent to an issuer named here get nowhere
 * @param store of a test that looks at it, or has several instances on it
 */
export function authoritySpec(
  env: Readonly<Record<string, string>> = {},
  store: EventStore = new MemoryEventStore(),
): AuthoritySpec {
  const folder = blockFolder();
  const clock = new FixedClock(beginning);
  let issuer: TcpRelay;
  let spec: InProcess | undefined;

  beforeAll(async () => {
    issuer = await TcpRelay.listen(); // its port has to be known before the listener's is
    const settings = { URLS_SELF_ISSUER: `http://127.0.0.1:${issuer.port}`, URLS_LOGIN: apps.login };
    const listeners = { SERVE_PUBLIC_PORT: '0', SERVE_PUBLIC_HOST: '127.0.0.1', SERVE_ADMIN_PORT: '0' };
    const { configuration } = readConfiguration({
      ...{ ...settings, ...listeners, DATA_DIR: folder.path, LOG_LEVEL: 'silent' },
      ...{ URLS_CONSENT: apps.consent, SECRETS_SYSTEM: 'a-system-secret-for-tests', ...env },
    });
    const served = await serve(configuration, ['admin', 'public'], { clock, store });
    issuer.up(Number(new URL(served.urls.public ?? '').port));
    const publicUrl = env['URLS_SELF_ISSUER'] === undefined ? configuration.issuer : served.urls.public;
    spec = new InProcess(served, clock, (publicUrl ?? '').replace(/\/$/, ''));
  });
  beforeEach(() => {
    clock.at = beginning;
  });
  afterAll(async () => {
    await spec?.close();
    await issuer.close();
  });

  const running = (): InProcess => {
    if (spec === undefined) throw new Error('the authority has not started');
    return spec;
  };
  return {
    clock,
    get retention() {
      return running().retention;
    },
    get authority() {
      return running().authority;
    },
    subjectHash: (subject) => running().root.subjectHash(subject),
    mintToken: () => running().root.mintToken(),
    loginVerifierHash: (id) => {
      const { root } = running();
      return root.secretValueHash(root.verifier('login', id));
    },
    given: (...histories) => ({
      prepare: () => running().append(histories),
      when: (request) => ({ thenAnswers: (outcome) => running().check(histories, request, outcome) }),
    }),
    when: (request) => ({ thenAnswers: (outcome) => running().check([], request, outcome) }),
  };
}

export type AuthoritySpec = {
  readonly clock: FixedClock;
  /** Does its rounds when it is told to. */
  readonly retention: Pick<Retention, 'round'>;
  /** For what leads up to the request in question. */
  readonly authority: AuthorityClient;
  /** What stands for a person in stream names and events. */
  subjectHash(subject: string): string;
  /** A token, or a code, as this authority makes them, and its hash, which events have. */
  mintToken(): { token: string; hash: string };
  /** What events have of the verifier of a login request. */
  loginVerifierHash(id: string): string;
  given(...histories: readonly History[]): {
    /** Only that: what comes next leads up to the request in question. */
    prepare(): Promise<void>;
    when(request: Request): { thenAnswers(outcome: Outcome): Promise<void> };
  };
  /** What is given was caused by requests before. */
  when(request: Request): { thenAnswers(outcome: Outcome): Promise<void> };
};

class InProcess {
  readonly authority: AuthorityClient;

  constructor(
    private readonly served: Served,
    readonly clock: FixedClock,
    publicUrl: string,
  ) {
    this.authority = new AuthorityClient({ adminUrl: served.urls.admin ?? '', publicUrl });
  }

  get retention(): Retention {
    return this.served.retention;
  }

  get root(): RootKey {
    return this.served.authority.root;
  }

  async check(histories: readonly History[], request: Request, outcome: Outcome): Promise<void> {
    await this.append(histories);
    const before = await this.served.authority.store.head();
    const answer = await plain(await request(this.authority));
    const events = await this.recordedSince(before);
    const { status, body, headers = {} } = outcome;
    const seen = Object.fromEntries(Object.keys(headers).map((name) => [name, answer.headers.get(name)]));
    expect({
      status: answer.status,
      body: body === undefined ? undefined : answer.body,
      headers: seen,
      events,
    }).toEqual({
      ...{ status, body, headers, events: outcome.events },
    });
  }

  async append(histories: readonly History[]): Promise<void> {
    const { log, store } = this.served.authority;
    for (const { stream, events } of histories) {
      const encoded = await log.encode(events, { stream, scope: log.newCommand(), by });
      const { length } = await store.readStream(stream);
      await store.append(stream, encoded, { expectedRevision: length - 1 });
    }
  }

  close(): Promise<void> {
    return this.served.close();
  }

  /** @param after of the log as it was */
  private async recordedSince(after: Position | undefined): Promise<(Recorded | StreamDeleted)[]> {
    const { log, store } = this.served.authority;
    const recorded: (Recorded | StreamDeleted)[] = [];
    for (const stored of await store.readAll(after, 1000)) {
      if (stored.type === streamDeleted) {
        recorded.push({ stream: stored.stream, type: streamDeleted });
        continue;
      }
      const { event, metadata } = (await log.codec.decode(stored)) as RecordedEvent<DomainEvent>;
      const { actor, reason } = metadata;
      const type = event.type as AuthorityEvent['type'];
      recorded.push({
        stream: stored.stream,
        type,
        data: event.data,
        actor,
        ...(reason === undefined ? {} : { reason }),
      });
    }
    return recorded;
  }
}

async function plain(answer: Answer | Response): Promise<{ status: number; headers: Headers; body: unknown }> {
  const text = typeof answer.text === 'string' ? answer.text : await answer.text();
  return { status: answer.status, headers: answer.headers, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
