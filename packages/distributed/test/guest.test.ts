import { beforeAll, expect, test } from 'vitest';
import { launchers } from '../../../tools/vitest/mpi.ts';
import { packagesBuilt } from '../../../tools/vitest/packages-built.ts';
import { runRanks, script } from './support/mpi.ts';

beforeAll(packagesBuilt, 240_000);

test.each(launchers.map((launcher) => [launcher.name, launcher] as const))(
  '%s leaves the functions of the C library that other threads run, and the handlers of V8, as they were',
  async (_, launcher) => {
    const { out, errors } = await runRanks(launcher, 2, [script('guest.mjs')]);
    expect(errors).toBe('');
    expect(JSON.parse(out)).toEqual({ changed: [], error: 'RuntimeError' });
  },
);
