import { describe, expect, test } from 'vitest';
import { kernelsInC } from '../../src/install.ts';
import { nativeBackends } from '../support/backends.ts';
import { oddCalls, tables } from './calls.mjs';

await nativeBackends();

describe('odd arguments', () => {
  test('are there for every kernel in C', () => {
    const covered = new Set(tables.map(({ kernel }) => kernel));
    expect([...kernelsInC].filter((name) => !covered.has(name))).toEqual([]);
  });

  test('are the same calls from the same seed', () => {
    const names = (): string[] => [...oddCalls({ mixed: 2 })].map(({ name }) => name);
    const once = names();
    expect(names()).toEqual(once);
    expect(new Set(once).size).toBe(once.length);
  });
});
