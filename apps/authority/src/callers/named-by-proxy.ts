import { oauthError } from '#libs/oauth2';
import { type FastifyRequest } from 'fastify';
import { type Network } from '../config/configuration.js';
import { isCallerName } from '../http/caller-name.js';
import { AddressSet } from '../http/address-set.js';
import { type Caller, type Callers } from './caller.js';

/** Nobody says who calls; as in Hydra everybody who reaches the listener may do everything. */
const anybody: Caller = { name: 'admin', may: 'everything' };

/** Callers that a proxy in front has found out about, by a TLS certificate for instance. What anybody else says of themselves is nothing. */
export class CallersNamedByProxy implements Callers {
  private readonly proxies: AddressSet;

  constructor(
    private readonly header: string,
    networks: readonly Network[],
  ) {
    this.proxies = new AddressSet(networks);
  }

  /** @throws OAuthError `invalid_request` when the proxy names nobody in particular: it has passed on what a stranger sent, too */
  async callerOf({ raw }: FastifyRequest): Promise<Caller> {
    if (!this.proxies.includes(raw.socket.remoteAddress)) return anybody;
    const names = raw.headersDistinct[this.header];
    if (names === undefined) return anybody;
    const [name] = names;
    if (names.length !== 1 || !isCallerName(name)) {
      throw oauthError('invalid_request', `${this.header} must have one name of at most 128 printable characters.`);
    }
    return { name, may: 'everything' };
  }
}
