import { BlockList, isIPv6 } from 'node:net';
import { type Network } from '../config/configuration.js';

/** IP addresses, by the networks they are in. */
export class AddressSet {
  private readonly addresses = new BlockList();

  constructor(networks: readonly Network[]) {
    for (const { address, prefix } of networks) this.addresses.addSubnet(address, prefix, family(address));
  }

  /** IPv4 addresses mapped into IPv6 count as what they are; what is no address is in no set. */
  includes(address: string | undefined): boolean {
    if (address === undefined) return false;
    const plain = address.replace(/%.*$/, ''); // the zone of a link-local address
    return this.addresses.check(plain, family(plain));
  }
}

function family(address: string): 'ipv6' | 'ipv4' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
