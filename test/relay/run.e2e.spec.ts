import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '#libs/eventstoredb-double';
import {
  type AuthorityProcess,
  type ServerProcess,
  TcpRelay,
  runAuthority,
  scratchFolder,
  startAuthority,
  startServer,
  until,
} from '#libs/harness';

describe('hydrant relay run', () => {
  let log: EventStoreDbDouble;
  let kafka: TcpRelay; // nobody behind it
  let env: Record<string, string>;
  let remove: () => Promise<void>;
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const scratch = await scratchFolder();
    remove = scratch.remove;
    log = await startEventStoreDbDouble();
    kafka = await TcpRelay.listen();
    env = {
      ...{ DATA_DIR: scratch.folder, EVENT_STORE: log.url, SECRETS_SYSTEM: 'a-secret-of-this-test' },
      ...{ KAFKA_BROKERS: `127.0.0.1:${kafka.port}`, LOG_FORMAT: 'json', SERVE_RELAY_PORT: '0' },
    };
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
    await kafka.close();
    await log.close();
    await remove();
  });

  it('refuses a log that nobody has served from', async () => {
    expect(await runAuthority(['relay', 'run'], env)).toEqual({
      code: 1,
      output: 'hydrant: the event log has no root key yet: start an authority on it first\n',
    });
  });

  it('refuses the embedded log, and to run without brokers', async () => {
    const { output, code } = await runAuthority(['relay', 'run'], { ...env, EVENT_STORE: 'sqlite' });
    expect([code, output]).toEqual([1, expect.stringMatching(/^hydrant: EVENT_STORE is sqlite, .*\n$/)]);
    expect(await runAuthority(['relay', 'run'], { ...env, KAFKA_BROKERS: '' })).toEqual({
      code: 1,
      output: 'hydrant: KAFKA_BROKERS must be set\n',
    });
  });

  describe('beside an authority on the same folder and log', () => {
    let authority: AuthorityProcess;
    let relay: ServerProcess;
    let url: string;

    beforeAll(async () => {
      const { DATA_DIR = '', ...others } = env;
      authority = await startAuthority(DATA_DIR, others);
      closing.push(() => authority.stop());
      const started = await startServer(['apps/authority/src/main.js', 'relay', 'run'], { env }, relayUrl);
      ({ server: relay, ready: url } = started);
      closing.push(() => relay.stop());
    });

    it('refuses another system secret', async () => {
      const { code, output } = await runAuthority(['relay', 'run'], { ...env, SECRETS_SYSTEM: 'another-secret-of-it' });
      expect([code, output]).toEqual([1, expect.stringContaining('SECRETS_SYSTEM does not unseal the root key')]);
    });

    it('says which variables when its port is taken', async () => {
      const taken = { SERVE_RELAY_PORT: new URL(url).port };
      const { code, output } = await runAuthority(['relay', 'run'], { ...env, ...taken, LOG_LEVEL: 'silent' });
      expect([code, output]).toEqual([1, expect.stringMatching(/^hydrant: SERVE_RELAY_HOST and SERVE_RELAY_PORT /)]);
    });

    it('is alive, and not ready while Kafka is away: it says why', async () => {
      expect((await fetch(`${url}/health/alive`)).status).toBe(200);
      await until('it has tried', async () => (await reason()).includes('Kafka'));
      expect((await fetch(`${url}/health/ready`)).status).toBe(503);
      expect((await fetch(`${authority.adminUrl}/health/ready`)).status).toBe(200);
    });

    it('has metrics, and does not say that nothing is left to publish while it cannot know', async () => {
      const answer = await fetch(`${url}/metrics/prometheus`);
      expect(answer.headers.get('content-type')).toContain('text/plain');
      const text = await answer.text();
      expect(text).toMatch(/^hydrant_relay_active 0$/m);
      for (const unknown of ['lag_events', 'lag_seconds', 'position']) {
        expect(text).toMatch(new RegExp(`^hydrant_relay_${unknown} nan$`, 'im'));
      }
    });

    it('ends with 0 when it is told to', async () => {
      expect(await relay.stop()).toBe(0);
    });

    async function reason(): Promise<string> {
      return (await fetch(`${url}/health/ready`)).text();
    }
  });
});

function relayUrl(output: string): string | undefined {
  const line = /^.*"the relay runs".*$(?=\n)/m.exec(output)?.[0];
  return line === undefined ? undefined : (JSON.parse(line) as { url: string }).url;
}
