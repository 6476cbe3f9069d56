import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { presetOptions } from '../../apps/wideresnet/src/options/presets/presets.ts';
import { measured } from '../../apps/wideresnet/src/report/evidence.ts';
import { shared } from '../evidence/arms.mjs';
import { results } from '../evidence/report.mjs';
import { chosen, readRuns, runsOf } from '../evidence/runs.mjs';
import { interval } from '../evidence/statistics.mjs';
import { root } from '../examples/extract.mjs';

type Run = { readonly seed: number; readonly testError: number };

const runs = readRuns();

/** The arms that `npm start` runs, as it calls them. */
const arms = {
  SAM: 'sam',
  'SGD, equal gradients': 'sgd-equal',
  'SGD, same epochs': 'sgd',
  'SGD, tuned weight decay': 'sgd-decay',
} as const;

describe('what npm start tells of several seeds', () => {
  test.each(Object.entries(arms))('of %s is what the kept runs came to', (name, arm) => {
    const { runs: own } = chosen(runs, arm);
    const { mean, half } = interval(own.map((run: Run) => run.testError));
    expect(own).toHaveLength(measured.seeds);
    expect(measured.errors[name as keyof typeof arms]).toEqual([mean, half].map((x) => expect.closeTo(x, 3)));
  });

  test('was measured with the settings of its preset', () => {
    const preset = presetOptions('label-noise');
    const { candidate: sam } = chosen(runs, 'sam');
    const { candidate: decay } = chosen(runs, 'sgd-decay');
    expect({
      images: preset.limit,
      noise: preset['label-noise'],
      depth: preset.depth,
      width: preset.width,
      batch: preset.batch,
      lr: preset.lr,
      clip: preset.clip,
    }).toEqual(shared);
    expect(sam).toEqual({ epochs: preset.epochs, decay: preset['weight-decay'], rho: preset.rho });
    expect(decay).toEqual({ epochs: preset.epochs, decay: preset['tuned-decay'] });
  });
});

test('docs/evidence.md shows the kept runs', () => {
  const page = readFileSync(join(root, 'docs', 'evidence.md'), 'utf8');
  for (const row of results(runs)) expect(page).toContain(`| ${Object.values(row).join(' | ')} |`);
});

test('every arm was run from the same seeds', () => {
  const seeds = Object.values(arms).map((arm) => {
    const { candidate } = chosen(runs, arm);
    return runsOf(runs, arm, candidate).map(({ seed }: Run) => seed);
  });
  for (const own of seeds) expect(own).toEqual(seeds[0]);
});

test('an interval is that of Student’s t', () => {
  // scipy.stats.t.interval(0.95, 4, 3, sem([1, 2, 3, 4, 5])) is (1.0367568385, 4.9632431615).
  expect(interval([1, 2, 3, 4, 5])).toEqual({ mean: 3, half: expect.closeTo(1.9632431615, 3) });
  expect(interval([1]).half).toBeNaN();
});
