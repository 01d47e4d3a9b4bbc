import { fastify } from 'fastify';
import { type Registry } from 'prom-client';
import { ConfigurationError, type Listener } from '../config/configuration.js';
import { type BesideRequests } from '../health/readiness.js';

/** What answers for a relay that is a process of its own. `url` without a trailing slash. */
export type RelayListener = { readonly url: string; close(): Promise<void> };

/**
 * Answers health checks and metrics. Ready: the relay publishes, or stands by for another one.
 *
 * @throws ConfigurationError naming the variables, when the address cannot be bound
 */
export async function listenForRelay(
  { host, port }: Listener,
  relay: BesideRequests,
  registry: Registry,
): Promise<RelayListener> {
  const server = fastify({ forceCloseConnections: true });
  server.get('/health/alive', async () => ({ status: 'ok' }));
  server.get('/health/ready', async (_request, reply) => {
    const why = relay.whyNot();
    return why === undefined ? { status: 'ok' } : reply.status(503).send({ errors: { relay: why } });
  });
  server.get('/metrics/prometheus', async (_request, reply) => {
    return reply.header('content-type', registry.contentType).send(await registry.metrics());
  });
  try {
    const url = await server.listen({ host, port });
    return { url, close: () => server.close() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`SERVE_RELAY_HOST and SERVE_RELAY_PORT cannot be used: ${reason}`);
  }
}
