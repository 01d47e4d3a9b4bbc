import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { CommandBus } from '@nestjs/cqrs';
import { AdminModule, PublicModule, type Shared } from './app.module.js';
import { KeySecrets } from './admin/keys/key-secrets.js';
import { EnsureSigningKey, idTokenKeySet } from './admin/keys/key-set.commands.js';
import { type Clock } from './commands/clock.js';
import { type Configuration, ConfigurationError, type Listener } from './config/configuration.js';
import { Readiness } from './health/readiness.js';
import { ApplicationLog } from './http/application-log.js';
import { createListener } from './http/create-listener.js';
import { Metrics } from './http/metrics.js';
import { RequestContext } from './http/request-context.js';
import { HouseKeeping } from './house-keeping.js';
import { type Authority, openAuthority } from './open-authority.js';
import { signingKey } from '#libs/read-model';

/** A running authority. URLs have no trailing slash. */
export type Served = {
  readonly publicUrl: string;
  readonly adminUrl: string;
  readonly authority: Authority;
  close(): Promise<void>;
};

/**
 * Opens the authority and serves both listeners; resolves when they accept requests and the first signing key is there.
 *
 * @param options.clock the time; another one is for tests
 * @throws what `openAuthority` throws, and ConfigurationError when a port is taken or a host is not one of this machine
 */
export async function serveAll(
  configuration: Configuration,
  options: { clock?: Clock; applicationLog?: ApplicationLog } = {},
): Promise<Served> {
  const authority = await openAuthority(configuration, options.clock);
  const applicationLog = options.applicationLog ?? ApplicationLog.create(configuration.log);
  const shared: Shared = { applicationLog, metrics: new Metrics(), readiness: new Readiness(authority.readModel) };
  const applications: NestFastifyApplication[] = [];
  try {
    const admin = await createListener('admin', AdminModule.of(authority, shared), authority, shared);
    applications.push(admin);
    await ensureSigningKey(admin, authority);
    applications.push(await createListener('public', PublicModule.of(authority, shared), authority, shared));
    const [adminUrl, publicUrl] = [
      await listen('SERVE_ADMIN', admin, configuration.admin),
      await listen('SERVE_PUBLIC', applications[1] ?? admin, configuration.public),
    ];
    const houseKeeping = new HouseKeeping(authority.readModel, admin.get(KeySecrets), authority.clock, applicationLog);
    houseKeeping.start();
    const close = async (): Promise<void> => {
      shared.readiness.close();
      await houseKeeping.stop();
      await Promise.all(applications.map((application) => application.close()));
      await authority.close();
    };
    return { publicUrl, adminUrl, authority, close };
  } catch (error) {
    await Promise.all(applications.map((application) => application.close()));
    await authority.close();
    throw error;
  }
}

async function ensureSigningKey(admin: NestFastifyApplication, { readModel }: Authority): Promise<void> {
  await readModel.catchUp(Infinity);
  if (signingKey(readModel.db, idTokenKeySet) !== undefined) return;
  await admin.get(CommandBus).execute(new EnsureSigningKey(new RequestContext('hydrant', { headers: {} })));
}

/** @throws ConfigurationError naming the variables of the listener, when it cannot be bound */
async function listen(
  variables: 'SERVE_ADMIN' | 'SERVE_PUBLIC',
  application: NestFastifyApplication,
  { host, port }: Listener,
): Promise<string> {
  try {
    await application.listen(port, host);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`${variables}_HOST and ${variables}_PORT cannot be used: ${reason}`);
  }
  return (await application.getUrl()).replace(/\/$/, '');
}
