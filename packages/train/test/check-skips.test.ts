import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { key } from '@steppe/random';
import {
  chain,
  freeze,
  type GradientTransformation,
  momentum,
  samTransform,
  skipNonFinite,
  textOf,
} from '@steppe/transforms';
import { deserialize, dispose, serialize, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { describe, expect, test } from 'vitest';
import { checkSkips, readReport, train, trainStep } from '../src/index.ts';
import { expectTensorsLeft } from './support/leaks.ts';
import { count, numbers } from './support/regression.ts';

setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep);

type Params = { readonly stem: tf.Tensor; readonly layers: readonly { readonly kernel: tf.Tensor }[] };

/** ½(stem + k₀ + x·k₁)²: where k₁ is 0 and x huge, the gradient overflows at k₁ alone. */
const loss = ({ stem, layers: [first, second] }: Params, state: null, x: tf.Tensor) => {
  const far = tf.mul(x, (second as { kernel: tf.Tensor }).kernel);
  const sum = tf.add(tf.add(stem, (first as { kernel: tf.Tensor }).kernel), far);
  return [tf.mul<tf.Scalar>(tf.sum(tf.square(sum)), 0.5), { state, metrics: {} }] as const;
};

const plain: GradientTransformation<Tree> = skipNonFinite(chain(samTransform(0), momentum(0.1)), { limit: 3 });
const frozen: GradientTransformation<Tree> = freeze(
  (path) => path === '.stem',
  skipNonFinite(momentum(0.1), { limit: 3 }),
);

const begin = (optimizer = plain) => {
  const step = trainStep(loss, optimizer);
  const params = { stem: tf.scalar(1), layers: [{ kernel: tf.scalar(2) }, { kernel: tf.scalar(0) }] };
  const start = step.start(params, null, key(0));
  dispose(params);
  return { step, start };
};

/** A bad batch for each 1 and a good one for each 0. */
function* batches(text: string): Generator<tf.Tensor> {
  for (const letter of text) yield tf.scalar(Number(letter) * 3e38);
}

const AT = 'skipNonFinite skipped 3 steps in a row (limit 3); the gradient is not finite at ".layers[1].kernel".';

describe.each(['cpu', 'wasm'])('skipNonFinite with a limit on %s', (backend) => {
  test.each([
    ['bare', plain],
    ['under freeze', frozen],
  ] as const)('ends training with the path of the leaf, %s', async (_, optimizer) => {
    await tf.setBackend(backend);
    const { step, start } = begin(optimizer);
    const seen: number[] = [];
    await expectTensorsLeft(0, () =>
      expect(
        train(step, start, batches('1111'), async ({ position, report }) => {
          expect(numbers(position.params)).toEqual([[1], [2], [0]]);
          seen.push((await readReport(report)).report.skippedInARow ?? -1);
        }),
      ).rejects.toThrow(`${AT} Lower the learning rate or look at the batch.`),
    );
    expect(seen).toEqual([1, 2, 3]);
    dispose(start);
  });

  test('counts from 0 again after a finite step', async () => {
    await tf.setBackend(backend);
    const { step, start } = begin();
    const seen: unknown[] = [];
    const end = await train(step, start, batches('110110'), async ({ report }) => {
      const { report: read } = await readReport(report);
      seen.push([read.skippedInARow, read.nonFiniteLeaf]);
    });
    const bad = 2;
    expect(seen.flat()).toEqual([1, bad, 2, bad, 0, -1, 1, bad, 2, bad, 0, -1]);
    expect(end.step).toBe(6);
    dispose(start, end);
  });
});

test('goes on counting from a saved position', async () => {
  await tf.setBackend('cpu');
  const { step, start } = begin();
  const middle = await train(step, start, batches('011'));
  const { tree } = await deserialize(await serialize(middle));
  const restored = tree as typeof middle;
  await expectTensorsLeft(0, () => expect(train(step, restored, batches('1'))).rejects.toThrow(AT));
  await expectTensorsLeft(count(start), async () => void (await train(step, restored, batches('0'))));
  dispose(start, middle, restored);
});

test('tells a loss from a gradient that is not finite, and refuses a report without a limit', async () => {
  const report = { skippedInARow: 2, skipLimit: 2, nonFiniteLeaf: -1 };
  expect(() => checkSkips({ report }, null)).toThrow(
    'skipNonFinite skipped 2 steps in a row (limit 2); the gradients are finite, but a loss or the update is not.',
  );
  expect(() => checkSkips({ report: { skipped: 1 } }, null)).toThrow('skipNonFinite(optimizer, { limit })');
  expect(() => checkSkips({ report: { ...report, skipLimit: 3 } }, null)).not.toThrow();
});

test('refuses a limit that is no number of steps, and shows the one given', () => {
  for (const limit of [0, -1, 1.5, Number.NaN])
    expect(() => skipNonFinite(momentum(0.1), { limit })).toThrow(
      `limit must be a positive whole number, got ${limit}.`,
    );
  expect(textOf(plain)).toMatch(/^skipNonFinite\(chain\(.*\), \{ limit: 3 \}\)$/);
  expect(textOf(skipNonFinite(momentum(0.1)))).toMatch(/^skipNonFinite\(chain\(.*\)\)$/);
});

test('refuses to go on with a limit from a state that was made without', async () => {
  await tf.setBackend('cpu');
  const { start } = begin(skipNonFinite(chain(samTransform(0), momentum(0.1))));
  await expectTensorsLeft(0, () =>
    expect(train(trainStep(loss, plain), start, batches('0'))).rejects.toThrow(
      /^The state of skipNonFinite\(.*"\.inARow" is nothing/,
    ),
  );
  dispose(start);
});
