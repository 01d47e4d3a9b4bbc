import { isIP } from 'node:net';
import { type FastifyRequest } from 'fastify';
import { type AddressSet } from './address-set.js';

const maxHops = 20;

/**
 * The address a request came from: that of the connection, or, where a proxy in front made that, the last one in `X-Forwarded-For` that
 * is no such proxy. What stands before it anybody could have written.
 */
export function callerAddress(
  { socket, headers }: Pick<FastifyRequest, 'socket' | 'headers'>,
  proxies: AddressSet,
): string {
  let address = socket.remoteAddress ?? 'unknown';
  const hops = String(headers['x-forwarded-for'] ?? '').split(',');
  for (let hop = hops.length - 1; hop >= Math.max(0, hops.length - maxHops) && proxies.includes(address); hop -= 1) {
    const named = hops[hop]?.trim() ?? '';
    if (isIP(named) === 0) return address;
    address = named;
  }
  return address;
}
