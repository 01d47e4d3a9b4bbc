import { type ReadModel } from '#libs/read-model';
import { type Clock } from '../commands/clock.js';
import { type Configuration } from '../config/configuration.js';
import { type ApplicationLog } from '../http/application-log.js';
import { type Callers } from './caller.js';
import { JwtCallers } from './jwt-callers.js';
import { CallersNamedByProxy } from './named-by-proxy.js';
import { TokenCallers } from './token-callers.js';

type Process = {
  readonly configuration: Configuration;
  readonly readModel: ReadModel;
  readonly clock: Clock;
  readonly applicationLog: ApplicationLog;
};

/** How callers of the Admin API show who they are (`ADMIN_AUTH`); undefined: not at all. */
export function callersOf({ configuration, readModel, clock, applicationLog }: Process): Callers | undefined {
  const { adminAuth: auth, trustedProxies, introspectionConsistency, outboundAllowPrivateAddresses } = configuration;
  switch (auth.kind) {
    case 'none':
      return auth.callerHeader === undefined ? undefined : new CallersNamedByProxy(auth.callerHeader, trustedProxies);
    case 'token': {
      const bounded = introspectionConsistency === 'bounded';
      return new TokenCallers({ readModel, clock, fileToken: auth.fileToken, bounded });
    }
    case 'jwt':
      return new JwtCallers({ auth, clock, applicationLog, allowPrivateAddresses: outboundAllowPrivateAddresses });
  }
}

/** Whether an address to bind to is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}
