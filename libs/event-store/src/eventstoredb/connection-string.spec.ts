import { EventStoreDBClient } from '@eventstore/db-client';
import { describe, expect, it } from '@jest/globals';
import { StoreRefusedError } from '../errors.js';
import { readConnectionString } from './connection-string.js';

describe('readConnectionString', () => {
  it('adds what the connection string leaves open', () => {
    expect(readConnectionString('esdb://127.0.0.1:2113?tls=false&keep_alive_interval=15000')).toMatchObject({
      url: 'esdb://127.0.0.1:2113?gossipTimeout=2&defaultDeadline=5000&nodePreference=leader&keepAliveInterval=15000&keepAliveTimeout=10000&tls=false',
      credentials: { username: 'anyone', password: 'anyone' },
      hosts: '127.0.0.1:2113',
      discovers: false,
    });
  });

  it.each([
    ['esdb://admin:p%40ss@a.example:2113,b.example:2113', 'a.example:2113,b.example:2113'],
    ['esdb+discover://admin:p%40ss@cluster.example/?tls=true', 'cluster.example'],
  ])('takes %s, and so does the library', (text, hosts) => {
    const read = readConnectionString(text);
    expect(read).toMatchObject({ hosts, credentials: { username: 'admin', password: 'p@ss' } });
    expect(EventStoreDBClient.connectionString(read.url)).toBeInstanceOf(EventStoreDBClient);
  });

  it.each([
    ['sqlite', /is not a connection string/],
    ['esdb://', /is not a connection string/],
    ['esdb://admin:se@cret@host:2113', /is not a connection string/],
    ['esdb://host:2113', /names no user and password/],
    ['esdb://admin:%zz-secret@host:2113', /not percent-encoded/],
    ['esdb://admin:secret@host:2113?tlsVerifyCert=false', /has an option "tlsVerifyCert"/],
    ['esdb://admin:secret@host:2113?throwOnAppendFailure=false', /has an option "throwOnAppendFailure"/],
    ['esdb://admin:secret@host:2113?tls', /has no value for its option "tls"/],
  ])('refuses %s in one line that shows no password', (text, message) => {
    let refusal: unknown;
    try {
      readConnectionString(text);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(StoreRefusedError);
    expect(String(refusal)).toMatch(message);
    expect(String(refusal)).not.toMatch(/secret|\n/);
  });
});
