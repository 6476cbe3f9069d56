import { afterEach, describe, expect, test, vi } from 'vitest';
import { inspectDevice, useBackend } from '../src/index.ts';

afterEach(() => vi.unstubAllEnvs());

const text = 'STEPPE_THREADS must be a whole number of at least 1, got 0.';
const outcome = (name: 'auto' | 'native'): Promise<string> =>
  useBackend(name).then(
    (chosen) => chosen.name,
    (error: Error) => error.message,
  );

// The order matters: the engine reads its variables when it is loaded.
describe('An environment variable of the native engine that is wrong', () => {
  test('is an error by its name: no slower device is taken instead', async () => {
    vi.stubEnv('STEPPE_THREADS', '0');
    expect(await outcome('native')).toBe(text);
    expect(['cuda', 'webgpu', text]).toContain(await outcome('auto'));
  });

  test('is the reason in the table of devices, with the command that puts it right', async () => {
    vi.stubEnv('STEPPE_THREADS', '0');
    const { available, reason, command, mistaken } = await inspectDevice('native');
    expect({ available, reason, command, mistaken }).toEqual({
      available: false,
      mistaken: true,
      reason: text.slice(0, -1),
      command: 'unset STEPPE_THREADS',
    });
  });

  test('can be put right in the same process', async () => {
    vi.stubEnv('STEPPE_THREADS', '0');
    expect((await inspectDevice('native')).available).toBe(false);
    vi.unstubAllEnvs();
    expect((await inspectDevice('native')).reason).not.toContain('STEPPE_THREADS');
  });
});
