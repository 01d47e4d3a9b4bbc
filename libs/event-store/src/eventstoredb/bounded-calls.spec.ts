import { describe, expect, it } from '@jest/globals';
import { UnavailableError } from '../errors.js';
import { BoundedCalls } from './bounded-calls.js';

/** A call that goes on until it is told to end. */
function newCall() {
  const call = { begun: false, end: () => {}, make: () => Promise.resolve() };
  call.make = () => {
    call.begun = true;
    return new Promise<void>((resolve) => (call.end = resolve));
  };
  return call;
}

describe('BoundedCalls', () => {
  it('makes so many calls at a time, the others in order', async () => {
    const bounded = new BoundedCalls(2, 10_000);
    const calls = Array.from({ length: 4 }, newCall);
    const made = calls.map(({ make }) => bounded.run(make));
    expect(calls.map(({ begun }) => begun)).toEqual([true, true, false, false]);
    calls[1]!.end();
    await made[1];
    expect(calls.map(({ begun }) => begun)).toEqual([true, true, true, false]);
    for (const [index, call] of calls.entries()) {
      call.end();
      await made[index];
    }
    await bounded.idle(10_000);
  });

  it('goes on after a call that fails', async () => {
    const bounded = new BoundedCalls(1, 10_000);
    const failed = bounded.run(() => Promise.reject(new Error('no')));
    const next = bounded.run(() => Promise.resolve('yes'));
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  it('does not make a call whose turn does not come in time', async () => {
    const bounded = new BoundedCalls(1, 10);
    const [first, second, third] = [newCall(), newCall(), newCall()];
    const running = bounded.run(first.make);
    await expect(bounded.run(second.make)).rejects.toThrow(UnavailableError);
    first.end();
    await running;
    const last = bounded.run(third.make);
    third.end();
    await last;
    expect(second.begun).toBe(false);
  });

  it('waits until it is idle, but not for ever', async () => {
    const bounded = new BoundedCalls(1, 10_000);
    await bounded.idle(10_000);
    const call = newCall();
    const running = bounded.run(call.make);
    await bounded.idle(10);
    const idle = bounded.idle(10_000);
    call.end();
    await Promise.all([idle, running]);
  });
});
