import { beforeAll, expect, test } from 'vitest';
import { type Launcher, launchers } from '../../../tools/vitest/mpi.ts';
import { packagesBuilt } from '../../../tools/vitest/packages-built.ts';
import { runRanks, script } from './support/mpi.ts';

type Line = {
  readonly name: string;
  readonly leaks: number;
  readonly ranks: readonly string[];
  readonly one: string | null;
};

/** What one process gives with so many slices, once a library has been compared with it: the next is compared with the
 * same. */
const known = new Map<number, readonly Line[]>();

beforeAll(packagesBuilt, 240_000);

const worlds = launchers.flatMap((launcher) =>
  (launcher.name === 'OpenMPI' ? [2, 3, 4] : [2, 4]).map((ranks): readonly [string, number, Launcher] => [
    launcher.name,
    ranks,
    launcher,
  ]),
);

test.each(worlds)(
  '%s: %i ranks give what one process gives with as many slices, bit for bit',
  async (_, ranks, launcher) => {
    const alone = known.get(ranks);
    const { code, out, errors } = await runRanks(launcher, ranks, [
      script('contract.mjs'),
      ...(alone ? ['--ranks'] : []),
    ]);
    // The first one on a machine also says that it compiles the engine.
    expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
    const lines: readonly Line[] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ name }) => name)).toEqual([
      'collectives',
      'weights',
      'weights on another backend',
      'statistics taken anew',
      'SAM, ε̂ of each',
      'SAM, ε̂ shared',
      'ASAM',
      'order 2',
      'order 2, ε̂ shared',
      'lookSam',
      'slices within',
      'synchronized, ε̂ shared',
      'synchronized, order 2',
      ...(ranks === 2 ? ['SAMPa'] : []),
    ]);
    // Every rank the same bits, and the same as one process; value, aux, report and batch statistics among them.
    const ones = alone ?? lines;
    for (const [i, { name, ranks: hashes }] of lines.entries())
      expect({ name, hashes }).toEqual({ name, hashes: [ones[i]?.one] });
    expect(lines.filter(({ leaks }) => leaks !== 0)).toEqual([]);
    // Chains differ: what is hashed is what was computed.
    expect(new Set(ones.map(({ one }) => one)).size).toBe(lines.length);
    known.set(ranks, ones);
  },
);
