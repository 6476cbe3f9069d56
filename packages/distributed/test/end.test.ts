import { beforeAll, expect, test } from 'vitest';
import { launchers } from '../../../tools/vitest/mpi.ts';
import { packagesBuilt } from '../../../tools/vitest/packages-built.ts';
import { runRanks, script } from './support/mpi.ts';

beforeAll(packagesBuilt, 240_000);

test.each(launchers)('a rank of $name ends well, whenever the others end', async (launcher) => {
  const { code, out, errors } = await runRanks(launcher, 2, [script('end.mjs')]);
  expect(out.match(/rank \d is done/g)?.sort()).toEqual(['rank 0 is done', 'rank 1 is done']);
  expect(errors).not.toMatch(/lost or stuck/);
  expect(code).toBe(0);
});
