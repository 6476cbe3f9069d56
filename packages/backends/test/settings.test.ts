import { expect, it } from 'vitest';
import { inspectDevice, useBackend } from '../src/index.ts';

// Before the engine is first loaded, which reads it once.
process.env.STEPPE_THREADS = '0';

it('refuses an environment variable that is set wrongly, and takes no other device in its place', async () => {
  const wrong = /^STEPPE_THREADS must be a whole number of at least 1, got "?0"?\.$/;
  await expect(useBackend('native')).rejects.toThrow(wrong);
  const row = await inspectDevice('native');
  expect(row).toMatchObject({ available: false, command: 'unset STEPPE_THREADS' });
  await expect(useBackend('auto')).rejects.toThrow(wrong);
});
