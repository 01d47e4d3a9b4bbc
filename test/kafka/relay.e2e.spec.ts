import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { KafkaCluster } from '#libs/harness';
import { describeOwnBrokers } from './some-cluster.js';
import { form } from './form.js';
import { endTxn, KafkaProxy, produce } from './proxy.js';
import { RelayedLog } from './relayed-log.js';
import { restartBroker } from './trouble.js';

const sessionAndMoreMs = 12_000;
const memoryLimitMiB = 300;

describeOwnBrokers('the relay against a real broker', () => {
  let cluster: KafkaCluster;
  let proxy: KafkaProxy;
  let log: RelayedLog;

  beforeAll(async () => {
    proxy = await KafkaProxy.listen();
    cluster = await KafkaCluster.start({ proxyPort: proxy.port });
    proxy.leadTo(cluster.broker(1).outside!);
  }, 240_000);
  beforeEach(async () => {
    log = await RelayedLog.on(cluster.addresses);
  });
  afterEach(() => log.close());
  afterAll(async () => {
    await proxy.close();
    await cluster.stop();
  });

  it(
    'loses, repeats and swaps nothing while relays are killed and frozen and the broker is restarted',
    async () => {
      const [first, second] = [log.relay('first'), log.relay('second')];
      first.start();
      second.start();
      const load = log.append(form.events, form.atOnce, form.pauseMs);
      const trouble = async (): Promise<void> => {
        for (let times = 0; times < form.kills; times += 1) {
          const victim = times % 2 === 0 ? first : second;
          await pause(500 + Math.random() * 2_000);
          await victim.kill();
          victim.start();
        }
        await restartBroker(cluster, form.brokerRestarts);
        for (let times = 0; times < form.freezes; times += 1) {
          const active = await log.publishing();
          active.freeze();
          await pause(sessionAndMoreMs); // with the other one waiting
          active.thaw();
        }
      };
      await Promise.all([load, trouble()]);
      await log.append(10, 10);
      await log.caughtUp();
      for (const one of [first, second]) expect(await one.peakMemoryMiB()).toBeLessThan(memoryLimitMiB);
      await log.stopRelays();
      expect(await log.expectPublished()).toBe(form.events + 10);
    },
    form.testTimeoutMs,
  );

  it('takes over within seconds from one that was killed', async () => {
    const [first, second] = [log.relay('first'), log.relay('second')];
    first.start();
    second.start();
    await log.append(10, 10);
    await log.caughtUp();
    const active = await log.publishing();
    const other = active === first ? second : first;
    await active.kill();
    const killedAt = performance.now();
    await log.append(10, 10);
    await log.caughtUp([other]);
    expect(performance.now() - killedAt).toBeLessThan(15_000);
    await other.stop();
  });

  it('needs no group to publish each event once', async () => {
    const both = ['first', 'second'].map((name) => log.relay(name, { turns: 'bypassed' }));
    for (const one of both) one.start();
    await log.append(600, 30);
    await log.caughtUp();
    expect(both.some(({ output }) => output.includes('FencedError'))).toBe(true);
    await log.stopRelays();
    await log.expectPublished();
  });

  it.each(['lose answer', 'lose request'] as const)(
    'does not care whether a commit whose answer is lost was done (%s)',
    async (fate) => {
      const only = log.relay('only', { brokers: [proxy.address], turns: 'bypassed', requestTimeoutMs: 3_000 });
      let ends = 0;
      proxy.fate = (apiKey) => {
        if (apiKey !== endTxn) return 'pass';
        ends += 1;
        return ends % 4 === 0 ? fate : 'pass';
      };
      only.start();
      await log.publishing();
      await log.append(600, 20);
      await log.caughtUp();
      proxy.fate = () => 'pass';
      expect(ends).toBeGreaterThan(8);
      await log.stopRelays();
      await log.expectPublished();
    },
  );

  it('goes on behind records that a broker took for corrupt', async () => {
    const only = log.relay('only', { brokers: [proxy.address], turns: 'bypassed', requestTimeoutMs: 3_000 });
    let sent = 0;
    proxy.fate = (apiKey) => {
      if (apiKey !== produce) return 'pass';
      sent += 1;
      return sent % 20 === 0 ? 'spoil' : 'pass';
    };
    only.start();
    await log.publishing();
    await log.append(600, 20);
    await log.caughtUp();
    proxy.fate = () => 'pass';
    expect(only.output).toContain('corrupt');
    await log.stopRelays();
    await log.expectPublished();
  });

  it('goes through refusals, cuts and delays', async () => {
    const only = log.relay('only', { brokers: [proxy.address], turns: 'bypassed', requestTimeoutMs: 3_000 });
    only.start();
    const load = log.append(600, 20);
    for (let times = 0; times < 5; times += 1) {
      await pause(Math.random() * 500);
      proxy.cut();
      await pause(Math.random() * 500);
      proxy.refuse(true);
      await pause(500);
      proxy.refuse(false);
      proxy.delayMs = 100;
      await pause(1_000);
      proxy.delayMs = 0;
    }
    await load;
    await log.caughtUp();
    await log.stopRelays();
    await log.expectPublished();
  });
});
