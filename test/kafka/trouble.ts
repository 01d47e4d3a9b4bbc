import { setTimeout as pause } from 'node:timers/promises';
import { type KafkaCluster } from '#libs/harness';

/** Kills the first broker and starts it again, so often, at moments that nobody knows before. */
export async function restartBroker(cluster: KafkaCluster, often: number): Promise<void> {
  const broker = cluster.broker(1);
  for (let times = 0; times < often; times += 1) {
    await pause(1_000 + Math.random() * 1_000);
    await broker.kill();
    await pause(1_000);
    broker.start();
    await broker.ready();
  }
}
