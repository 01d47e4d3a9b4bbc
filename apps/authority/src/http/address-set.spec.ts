import { describe, expect, it } from '@jest/globals';
import { readConfiguration } from '../config/read-configuration.js';
import { AddressSet } from './address-set.js';

const proxies = (list: string): AddressSet =>
  new AddressSet(readConfiguration({ SERVE_TLS_ALLOW_TERMINATION_FROM: list }).configuration.trustedProxies);

describe('AddressSet', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1'],
    ['10.0.0.0/8', '::ffff:10.1.2.3'],
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7 2001:db8::/32', '2001:db8:1::1'],
    ['192.0.2.7, ::1', '::1'],
    ['fe80::/10', 'fe80::1%eth0'],
    ['0.0.0.0/0', '203.0.113.1'],
  ])('%s: %s is one', (list, address) => expect(proxies(list).includes(address)).toBe(true));

  it.each([
    ['', '127.0.0.1'],
    ['10.0.0.0/8', '11.0.0.1'],
    ['10.0.0.0/8', '::ffff:11.0.0.1'],
    ['192.0.2.7', '192.0.2.8'],
    ['2001:db8::/32', '2001:db9::1'],
    ['10.0.0.0/8', undefined],
    ['10.0.0.0/8', 'somewhere'],
  ])('%s: %s is none', (list, address) => expect(proxies(list).includes(address)).toBe(false));
});
