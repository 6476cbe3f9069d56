import { afterEach, describe, expect, test } from 'vitest';
import { type Interrupt, onInterrupt } from '../../src/run/interrupt.ts';

let interrupt: Interrupt | undefined;
afterEach(() => interrupt?.release());

const listeners = () =>
  ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'].reduce((sum, name) => sum + process.listenerCount(name), 0);

describe('the first signal', () => {
  test('aborts, tells its name, and leaves the second one to the system', async () => {
    const before = listeners();
    const heard: string[] = [];
    interrupt = onInterrupt((name) => heard.push(name));
    expect([interrupt.signal.aborted, interrupt.received(), listeners() - before]).toEqual([false, undefined, 4]);
    process.emit('SIGTERM', 'SIGTERM');
    expect([interrupt.signal.aborted, interrupt.received(), listeners() - before]).toEqual([true, 'SIGTERM', 0]);
    expect(heard).toEqual(['SIGTERM']);
  });

  test('means nothing any more once the run is over', () => {
    const before = listeners();
    interrupt = onInterrupt(() => {});
    interrupt.release();
    expect([interrupt.signal.aborted, listeners()]).toEqual([false, before]);
  });
});
