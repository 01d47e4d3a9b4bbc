import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { CommandBus } from '@nestjs/cqrs';
import { AdminModule, PublicModule, type Shared } from './app.module.js';
import { EnsureSigningKey } from '../commands/key-set.commands.js';
import { isLoopback } from '../callers/callers.js';
import { SigningKeys } from '../commands/signing-keys.js';
import { type Configuration, ConfigurationError, type Listener } from '../config/configuration.js';
import { Readiness } from '../health/readiness.js';
import { Storage } from '../health/storage.js';
import { registerStorageMetrics } from '../health/storage-metrics.js';
import { ApplicationLog } from '../http/application-log.js';
import { createListener } from './create-listener.js';
import { type ListenerKind } from '../http/listener-kind.js';
import { Metrics } from '../http/metrics.js';
import { RequestContext } from '../http/request-context.js';
import { instanceName } from '../relay/kafka-options.js';
import { registerRelayMetrics } from '../relay/relay-metrics.js';
import { RelayService } from '../relay/relay-service.js';
import { Retention } from '../retention/retention.js';
import { registerRetentionMetrics } from '../retention/retention-metrics.js';
import { readUpTo } from '../retention/read-up-to.js';
import { HouseKeeping } from './house-keeping.js';
import { type Authority, type ProcessOptions, openAuthority } from './open-authority.js';

/** A running authority. `urls`: of the listeners that are served, without a trailing slash. */
export type Served = {
  readonly urls: Readonly<Partial<Record<ListenerKind, string>>>;
  readonly authority: Authority;
  readonly retention: Retention;
  close(): Promise<void>;
};

type Listening = { readonly kind: ListenerKind; readonly application: NestFastifyApplication };

/**
 * Opens the authority and serves listeners of it; resolves when they accept requests and the first signing key is there.
 *
 * @throws what `openAuthority` throws, and ConfigurationError when a port is taken or a host is not one of this machine
 */
export async function serve(
  configuration: Configuration,
  kinds: readonly ListenerKind[],
  options: ProcessOptions & { applicationLog?: ApplicationLog } = {},
): Promise<Served> {
  const applicationLog = options.applicationLog ?? ApplicationLog.create(configuration.log);
  const authority = await openAuthority(configuration, { ...options, applicationLog });
  const metrics = new Metrics();
  if (kinds.includes('admin')) warnOfStrangers(configuration, applicationLog);
  const relay = embeddedRelay(authority, applicationLog);
  if (relay !== undefined) registerRelayMetrics(metrics.registry, relay);
  const storage = new Storage(authority.store, authority.readModel, applicationLog.logger);
  registerStorageMetrics(metrics.registry, storage);
  const shared: Shared = { applicationLog, metrics, readiness: new Readiness(authority.readModel, storage, relay) };
  const listening: Listening[] = [];
  try {
    for (const kind of kinds) {
      const module = kind === 'admin' ? AdminModule.of(authority, shared) : PublicModule.of(authority, shared);
      listening.push({ kind, application: await createListener(kind, module, { authority, shared }) });
    }
    const [{ application }] = listening as [Listening, ...Listening[]];
    await ensureSigningKey(application, authority);
    const urls: Partial<Record<ListenerKind, string>> = {};
    for (const each of listening) urls[each.kind] = await listen(each, configuration[each.kind]);
    const commands = application.get(CommandBus);
    const houseKeeping = new HouseKeeping(authority.readModel, commands, { clock: authority.clock, applicationLog });
    houseKeeping.start();
    const retention = retentionOf(authority, { commands, applicationLog, relay });
    registerRetentionMetrics(metrics.registry, retention, () => authority.clock.now());
    retention.start();
    storage.start();
    const close = async (): Promise<void> => {
      shared.readiness.close();
      storage.stop();
      await Promise.all([houseKeeping.stop(), retention.stop()]);
      await closeAll(listening, authority, relay);
    };
    return { urls, authority, retention, close };
  } catch (error) {
    await closeAll(listening, authority, relay);
    throw error;
  }
}

/** Nobody is told by a log that the Admin API is as it always was; but somebody who makes it reachable should know what that means. */
function warnOfStrangers({ admin, adminAuth }: Configuration, { logger }: ApplicationLog): void {
  if (adminAuth.kind !== 'none' || isLoopback(admin.host)) return;
  logger.warn(
    { host: admin.host },
    'whoever reaches the admin listener may do everything: set ADMIN_AUTH (docs/security.md)',
  );
}

/** With the embedded log the relay runs in the process that has the log; with EventStoreDB it is one of its own (`relay run`). */
function embeddedRelay(authority: Authority, applicationLog: ApplicationLog): RelayService | undefined {
  const { configuration, store, codec, clock } = authority;
  const { kafka, issuer, eventStore } = configuration;
  if (kafka === undefined || eventStore.kind !== 'sqlite') return undefined;
  const instance = instanceName('serve all');
  return new RelayService({
    ...{ kafka, issuer, store, instance, applicationLog },
    codec: () => codec, // this process has the log for itself, and forgets whom it erases
    alone: true,
    clock: () => clock.now(),
  });
}

type AroundRetention = { commands: CommandBus; applicationLog: ApplicationLog; relay: RelayService | undefined };

function retentionOf(authority: Authority, { relay, ...around }: AroundRetention): Retention {
  const { readModel, log, configuration, clock } = authority;
  return new Retention({
    ...{ readModel, log, configuration, clock, ...around },
    readUpTo: () => readUpTo(configuration.kafka, relay),
  });
}

/** Listeners first: what they are answering still needs the log. */
async function closeAll(listening: readonly Listening[], authority: Authority, relay?: RelayService): Promise<void> {
  await Promise.all(listening.map(({ application }) => application.close()));
  await relay?.close();
  await authority.close();
}

async function ensureSigningKey(application: NestFastifyApplication, { readModel }: Authority): Promise<void> {
  await readModel.catchUp(Infinity);
  if (application.get(SigningKeys).areThere) return;
  await application.get(CommandBus).execute(new EnsureSigningKey(new RequestContext('hydrant', { headers: {} })));
}

/** @throws ConfigurationError naming the variables of the listener, when it cannot be bound */
async function listen({ kind, application }: Listening, { host, port }: Listener): Promise<string> {
  const variables = `SERVE_${kind.toUpperCase()}`;
  try {
    await application.listen(port, host);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`${variables}_HOST and ${variables}_PORT cannot be used: ${reason}`);
  }
  return (await application.getUrl()).replace(/\/$/, '');
}
