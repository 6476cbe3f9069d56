import { fc, test } from '@fast-check/vitest';
import { textOf } from '@steppe/transforms';
import { describe, expect } from 'vitest';
import { augmentations } from '../../src/options/augmentations.ts';
import { averages } from '../../src/options/averages.ts';
import { entryOf, networkNames, type OwnName, ownNames, takersOf } from '../../src/options/networks/own.ts';
import { optimizers } from '../../src/options/optimizers.ts';
import { namesOf } from '../../src/options/option.ts';
import { presetOptions, presets } from '../../src/options/presets/presets.ts';
import { type FileSource, resolveOptions } from '../../src/options/resolve.ts';
import { schedules } from '../../src/options/schedules.ts';
import type { OptionName } from '../../src/options/schema.ts';
import { makeOptimizer } from '../../src/run/optimizer.ts';

type Values = { readonly [name: string]: unknown };

const line = (values: Values) => ({ values, nameOf: (name: string) => `--${name}` });
const file = (values: Values, run?: FileSource['run']): FileSource => ({
  values,
  nameOf: (name) => `${name} in run.yaml`,
  ...(run && { run }),
});

describe('two options that contradict each other', () => {
  test.each<readonly [Values, string]>([
    [{ epochs: 2, steps: 10 }, '--epochs and --steps both say how long to train: leave one of them out.'],
    [{ rho: 0, compare: 'sgd' }, '--compare has no effect with --rho 0: leave one of them out.'],
    [{ rho: 0, m: 8 }, '--m has no effect with --rho 0: leave one of them out.'],
    [{ rho: 0, 'sam-tail': 0.3 }, '--sam-tail has no effect with --rho 0: leave one of them out.'],
    [{ 'sam-tail': 0 }, '--sam-tail must be a number above 0 and at most 1, got 0.'],
    [{ rho: 0, p: 1 }, '--p has no effect with --rho 0: leave one of them out.'],
    [{ optimizer: 'adam', momentum: 0.5 }, '--momentum has no effect with --optimizer adam: leave one of them out.'],
    [{ optimizer: 'sgd', momentum: 0.5 }, '--momentum has no effect with --optimizer sgd: leave one of them out.'],
    [{ download: true }, '--download has no effect with dataset fashion-mnist-mini of fashion-mini: leave'],
    [{ optimizer: 'adam', compare: 'sgd' }, '--compare must be none or adam with --optimizer adam, got "sgd".'],
    [{ batch: 16, m: 17 }, '--m must be at most the batch of 16 examples, got 17.'],
    [{ overfit: 1, compare: 'sgd' }, '--compare has no effect with --overfit 1: leave one of them out.'],
    [{ quiet: true, json: true }, '--quiet has no effect with --json: leave one of them out.'],
    [{ profile: true, 'dry-run': true }, '--profile has no effect with --dry-run: leave one of them out.'],
    [{ power: 2 }, '--power has no effect with schedule cosine of fashion-mini: leave one of them out.'],
    [{ schedule: 'step', cooldown: 0.1 }, '--cooldown has no effect with --schedule step: leave one of them out.'],
    [
      { 'weight-decay': 0, 'decay-spares': 'norms-and-biases' },
      '--decay-spares has no effect with --weight-decay 0: leave one of them out.',
    ],
    [{ batch: 64, m: 8, accumulate: 9 }, '--accumulate must be at most 8, the images that share an ε̂, got 9.'],
    [{ warmup: 1.5 }, '--warmup must be a share above 0 and below 1, or a whole number of at least 1, got 1.5.'],
    [{ patience: 3 }, '--patience must be left out without --validation, got 3.'],
    [{ validation: 1 }, '--validation must be a number above 0 and below 1, got 1.'],
    [
      { validation: 0.1, patience: 3, compare: 'sgd' },
      '--compare has no effect with --patience 3: leave one of them out.',
    ],
    [{ depth: 12 }, '--depth must be 6n + 4 (10, 16, 22, 28, 40, ...), got 12.'],
  ])('%j is refused', (values, message) => {
    expect(() => resolveOptions(line(values))).toThrow(
      expect.objectContaining({ message: expect.stringContaining(message), code: 64 }),
    );
  });

  test('in one file is refused as on one line', () => {
    expect(() => resolveOptions(line({}), file({ rho: 0, m: 8 }))).toThrow(
      'm in run.yaml has no effect with rho 0 in run.yaml: leave one of them out.',
    );
  });

  test('in a file and on the line: the line overrules, and that is said', () => {
    const { options, notes } = resolveOptions(line({ rho: 0 }), file({ m: 8, compare: 'sgd' }));
    expect(options).toMatchObject({ rho: 0, compare: 'none' });
    expect(notes).toEqual([
      'm in run.yaml has no effect with --rho 0.',
      'compare in run.yaml has no effect with --rho 0.',
    ]);
  });

  test('a rival of the preset at equal cost is left out where the run may end early, and that is said', () => {
    const { options, notes } = resolveOptions(line({ preset: 'label-noise', validation: 0.1, patience: 3 }));
    expect(options).toMatchObject({ compare: 'none', patience: 3 });
    expect(notes).toEqual(['compare of label-noise has no effect with --patience 3.']);
  });

  test('a check of a few batches makes 100 steps, unless its length is said', () => {
    const lengthOf = (values: Values) => {
      const { epochs, steps } = resolveOptions(line({ overfit: 1, ...values })).options;
      return { epochs, steps };
    };
    expect(lengthOf({})).toEqual({ epochs: undefined, steps: 100 });
    expect(lengthOf({ epochs: 2 })).toEqual({ epochs: 2, steps: undefined });
    expect(lengthOf({ steps: 7 })).toEqual({ epochs: undefined, steps: 7 });
  });

  test('the length of the line stands in for that of the file', () => {
    expect(resolveOptions(line({ epochs: 4 }), file({ steps: 10 })).options).toMatchObject({ epochs: 4 });
    expect(resolveOptions(line({ epochs: 4 }), file({ steps: 10 })).options.steps).toBeUndefined();
    expect(resolveOptions(line({ steps: 4 })).options.epochs).toBeUndefined();
  });
});

/** Values of the options of networks that some network has, of which another one may not have them. */
const ofNetworks = Object.fromEntries(
  ownNames.map((option) => {
    const values = takersOf(option).flatMap((taker) => {
      const { options, smaller } = entryOf(taker);
      return [options[option]?.fallback, ...Object.values(smaller).map((small) => small[option])];
    });
    return [option, fc.constantFrom(...values.filter((value) => value !== undefined))];
  }),
) as { readonly [Name in OwnName]: fc.Arbitrary<unknown> };

/** Values of every option that it allows by itself. */
const allowed: { readonly [Name in OptionName]: fc.Arbitrary<unknown> } = {
  preset: fc.constantFrom(...namesOf(presets)),
  dataset: fc.constantFrom('fashion-mnist-mini', 'cifar10', 'mnist'),
  'label-noise-kind': fc.constantFrom('symmetric', 'asymmetric'),
  mixup: fc.constantFrom(0.2, 1),
  cutmix: fc.constantFrom(0.2, 1),
  images: fc.constant('photos'),
  'image-size': fc.constantFrom(32, 224),
  labels: fc.constant('labels.csv'),
  broken: fc.constantFrom('error', 'skip'),
  workers: fc.constantFrom(0, 2),
  limit: fc.integer({ min: 1, max: 99 }),
  augment: fc.constantFrom(...namesOf(augmentations)),
  'label-noise': fc.constantFrom(0, 0.4),
  validation: fc.constantFrom(0.1, 0.5),
  download: fc.constant(true),
  data: fc.constant('images'),
  network: fc.constantFrom(...networkNames),
  ...ofNetworks,
  pretrained: fc.constant('weights.safetensors'),
  freeze: fc.constantFrom('stem', 'all-but-head'),
  'freeze-statistics': fc.constant(true),
  'sync-batch-norm': fc.constant(true),
  'reestimate-statistics': fc.constant(true),
  rho: fc.constantFrom(0, 0.05, 0.3),
  p: fc.constantFrom(1, 2, 'inf'),
  m: fc.integer({ min: 1, max: 64 }),
  'sam-tail': fc.constantFrom(0.3, 1),
  chain: fc.constantFrom([{ sgd: { learningRate: 0.1 } }], [{ usam: { rho: 0.1 } }, { scale: { factor: -0.1 } }]),
  optimizer: fc.constantFrom(...namesOf(optimizers)),
  lr: fc.constantFrom(0.01, 1),
  momentum: fc.constantFrom(0, 0.5),
  schedule: fc.constantFrom(...namesOf(schedules)),
  power: fc.constantFrom(1, 2),
  cooldown: fc.constantFrom(0.1, 1),
  warmup: fc.constantFrom(0.3, 1),
  'weight-decay': fc.constantFrom(0, 0.1),
  'decay-spares': fc.constantFrom('none', 'norms-and-biases'),
  clip: fc.constantFrom(0, 1),
  epochs: fc.integer({ min: 1, max: 9 }),
  steps: fc.integer({ min: 1, max: 9 }),
  batch: fc.integer({ min: 1, max: 64 }),
  accumulate: fc.integer({ min: 1, max: 3 }),
  average: fc.constantFrom(...namesOf(averages)),
  'label-smoothing': fc.constantFrom(0, 0.1),
  bootstrap: fc.constantFrom('soft', 'hard'),
  'bootstrap-keep': fc.constantFrom(0.5, 1),
  relabel: fc.constant('runs/first'),
  overfit: fc.integer({ min: 1, max: 3 }),
  'eval-every': fc.integer({ min: 1, max: 9 }),
  patience: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(),
  compare: fc.constantFrom('sgd', 'adam', 'adamw'),
  'tuned-decay': fc.constantFrom(0, 0.02),
  backend: fc.constantFrom('cpu', 'wasm'),
  precision: fc.constantFrom('high', 'default'),
  eager: fc.boolean(),
  'peer-limit': fc.constantFrom(5, 600),
  'change-ranks': fc.constant(true),
  'checkpoint-every': fc.constantFrom(0.5, 10),
  'keep-checkpoints': fc.constantFrom(1, 20),
  out: fc.constant('runs/x'),
  'dry-run': fc.constant(true),
  profile: fc.constant(true),
  quiet: fc.constant(true),
  tensorboard: fc.constant(true),
  watch: fc.constant(true),
  json: fc.constant(true),
};

describe('whatever is said', () => {
  test.prop([fc.record(allowed, { requiredKeys: [] })], { numRuns: 400 })(
    'is done, or refused in one line that names two options',
    (said) => {
      try {
        const { preset: _, ...values } = said;
        const { options } = resolveOptions(line(said));
        expect(options).toMatchObject({
          ...values,
          ...('p' in said && { p: Number(said.p) || Number.POSITIVE_INFINITY }),
        });
      } catch (error) {
        expect(error).toMatchObject({ code: 64 });
        expect((error as Error).message).toMatch(
          /^(--[a-z-]+|[a-z-]+ of [a-z0-9-]+) (has no effect with|must be|and --steps both say) [^\n]*\.$/,
        );
      }
    },
  );

  const ofStep = [
    ...(['rho', 'p', 'm', 'sam-tail', 'lr', 'schedule', 'warmup', 'momentum', 'weight-decay'] as const),
    ...(['decay-spares', 'clip', 'accumulate', 'average', 'optimizer'] as const),
  ];

  test.prop([fc.constantFrom(...ofStep), fc.record(allowed, { requiredKeys: ofStep }), fc.record(allowed)], {
    numRuns: 400,
  })('of the step shows in its chain', (name, said, other) => {
    const chainOf = (values: Values): string => textOf(makeOptimizer(resolveOptions(line(values)).options, 10));
    const step = { batch: 128, [name]: said[name], ...(name === 'momentum' ? {} : { optimizer: said.optimizer }) };
    const changed = { ...step, [name]: other[name] };
    let [before, after] = ['', ''];
    try {
      [before, after] = [chainOf(step), chainOf(changed)];
    } catch (error) {
      expect(error).toMatchObject({ code: 64 });
      return;
    }
    if (said[name] !== other[name]) expect(after).not.toBe(before);
  });
});

describe('a run that is repeated', () => {
  const whole = presetOptions('cifar10-paper');

  test('starts from its own options, and wants its own images', () => {
    const { options, sha256 } = resolveOptions(line({ seed: 3 }), file(whole, { sha256: 'ab' }));
    expect(options).toEqual({ ...whole, seed: 3 });
    expect(sha256).toBe('ab');
  });

  test('wants no particular images when others are named', () => {
    for (const change of [{ dataset: 'cifar100' }, { limit: 10 }])
      expect(resolveOptions(line(change), file(whole, { sha256: 'ab' })).sha256).toBeUndefined();
  });

  test('contradicts a preset, and must say all options', () => {
    expect(() => resolveOptions(line({ preset: 'fashion' }), file(whole, {}))).toThrow(
      '--preset and the run of --config both say where all options start: leave one of them out.',
    );
    const { depth: _, ...part } = whole;
    expect(() => resolveOptions(line({}), file(part, {}))).toThrow(
      'depth in run.yaml is missing: it must say all options.',
    );
  });

  test('of before there were schedules, averages and spared decays had none but those of the paper', () => {
    const { schedule: _, average: __, 'decay-spares': ___, ...old } = whole;
    expect(resolveOptions(line({}), file(old, { sha256: 'ab' })).options).toEqual(whole);
  });

  test('without SAM may be repeated though it has a p and an m', () => {
    expect(resolveOptions(line({}), file({ ...whole, rho: 0 }, { sha256: 'ab' })).notes).toEqual([]);
  });
});

describe('a norm without a radius', () => {
  test('stands for the radius of the preset', () => {
    expect(resolveOptions(line({ p: 'inf' })).radiusOf).toEqual({ rho: 0.05, p: 2 });
    expect(resolveOptions(line({ p: 1, preset: 'cifar100-paper' })).radiusOf).toEqual({ rho: 0.1, p: 2 });
  });

  test('is as it was where the radius is said or the norm does not change', () => {
    for (const values of [{ p: 'inf', rho: 0.01 }, { p: 2 }, {}])
      expect(resolveOptions(line(values)).radiusOf).toBeUndefined();
  });
});
