import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Jwk } from '#libs/crypto';
import { Clock } from '../commands/clock.js';
import { PublishedKeySet } from './published-key-set.js';

class ClockByHand extends Clock {
  private nowMs = Date.parse('2026-05-01T12:00:00Z');
  override now(): Date {
    return new Date(this.nowMs);
  }
  pass(seconds: number): void {
    this.nowMs += seconds * 1000;
  }
}

const keyOf = (kid: string): Jwk => ({ kty: 'RSA', kid });

describe('PublishedKeySet', () => {
  let clock: ClockByHand;
  let downloads: number;
  let published: string[] | Error;
  let keySet: PublishedKeySet;

  beforeEach(() => {
    [clock, downloads, published] = [new ClockByHand(), 0, ['a']];
    keySet = new PublishedKeySet(async () => {
      downloads += 1;
      await Promise.resolve();
      if (published instanceof Error) throw published;
      return published.map(keyOf);
    }, clock);
  });

  it('fetches once for as long as the keys are young', async () => {
    expect(await keySet.find('a')).toEqual([keyOf('a')]);
    clock.pass(599);
    expect(await keySet.find('a')).toEqual([keyOf('a')]);
    expect(downloads).toBe(1);
    clock.pass(1);
    expect(await keySet.find('a')).toEqual([keyOf('a')]);
    expect(downloads).toBe(2);
  });

  it('fetches once for all that wait', async () => {
    const kids = ['a', 'a', 'b', 'c', 'd'];
    const found = await Promise.all(kids.map((kid) => keySet.find(kid)));
    expect(found.map(({ length }) => length)).toEqual([1, 1, 0, 0, 0]);
    expect(downloads).toBe(1);
  });

  it('fetches again for a new kid, at once', async () => {
    await keySet.find('a');
    published = ['b'];
    expect(await keySet.find('b')).toEqual([keyOf('b')]);
    expect(await keySet.find('a')).toEqual([]);
    expect(downloads).toBe(2);
  });

  it('fetches once in 10 seconds for kids that are made up', async () => {
    await keySet.find('a');
    for (let count = 0; count < 100; count++) expect(await keySet.find(`garbage-${count}`)).toEqual([]);
    expect(downloads).toBe(2);
    published = ['a', 'b'];
    clock.pass(9);
    expect(await keySet.find('b')).toEqual([]);
    clock.pass(1);
    expect(await keySet.find('b')).toEqual([keyOf('b')]);
    expect(downloads).toBe(3);
  });

  it('fetches once in 10 seconds what cannot be fetched', async () => {
    published = new Error('it is not JSON');
    for (let count = 0; count < 5; count++) await expect(keySet.find('a')).rejects.toThrow('it is not JSON');
    await Promise.all([1, 2, 3].map(() => expect(keySet.find('a')).rejects.toThrow('it is not JSON')));
    expect(downloads).toBe(1);
    published = ['a'];
    clock.pass(10);
    expect(await keySet.find('a')).toEqual([keyOf('a')]);
    expect(await keySet.find('b')).toEqual([]);
    expect(downloads).toBe(3);
  });

  it('goes on with young keys while they cannot be fetched again, and not with old ones', async () => {
    await keySet.find('a');
    published = new Error('it is not JSON');
    await expect(keySet.find('b')).rejects.toThrow('it is not JSON');
    expect(await keySet.find('a')).toEqual([keyOf('a')]);
    clock.pass(600);
    await expect(keySet.find('a')).rejects.toThrow('it is not JSON');
    await expect(keySet.find('a')).rejects.toThrow('it is not JSON');
    expect(downloads).toBe(3);
  });

  it('outlives a clock that is set back', async () => {
    await keySet.find('a');
    await keySet.find('b');
    clock.pass(-86_400);
    published = ['c'];
    expect(await keySet.find('a')).toEqual([]);
    expect(await keySet.find('c')).toEqual([keyOf('c')]);
    expect(downloads).toBe(3);
  });
});
