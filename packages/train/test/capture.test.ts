import { join as joined } from 'node:path';
import { registerNative } from '@steppe/native';
import { key } from '@steppe/random';
import {
  addDecayedWeights,
  chain,
  constant,
  cosineDecay,
  during,
  type GradientTransformation,
  handOver,
  interval,
  join,
  linear,
  piecewise,
  polynomial,
  rhoFromLearningRate,
  type Schedule,
  samTransform,
  scale,
  scaleBySchedule,
  trace,
  transformation,
  warmup,
  warmupStableDecay,
  withWarmup,
} from '@steppe/transforms';
import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CaptureOptions, type Position, type TrainOptions, train, trainStep } from '../src/index.ts';
import { loadTree, saveTree } from '../src/node.ts';
import { folder } from './support/folder.ts';
import { expectTensorsLeft } from './support/leaks.ts';
import { type Batch, batches, count, initial, numbers, type Params, type State } from './support/regression.ts';

beforeAll(() => registerNative());
beforeEach(() => tf.setBackend('native'));

/** Least squares of which it is told how often its loss was called. */
function begin(optimizer: GradientTransformation<Tree>, factor = (): number => 1) {
  let calls = 0;
  const step = trainStep(({ w, b }: Params, { seen }: State, { x, y }: Batch) => {
    calls++;
    const errors = tf.sub(tf.add(tf.dot(x, w), b), y);
    return [
      tf.mul<tf.Scalar>(tf.mean(tf.square(errors)), factor()),
      { state: { seen: tf.add(seen, 4) }, metrics: { worst: tf.max<tf.Scalar>(tf.abs(errors)) } },
    ];
  }, optimizer);
  const { params, state } = initial();
  const start = step.start(params, state, key(3));
  dispose(params, state);
  return { step, start, calls: () => calls };
}

type Begun = ReturnType<typeof begin>;
type At = Begun['start'];

/** Trains some steps; gives the bits of all that each of them came to, and how often the loss was called. */
async function run(
  optimizer: GradientTransformation<Tree>,
  options: TrainOptions = {},
  { steps = 24, from }: { readonly steps?: number; readonly from?: Position<Tree, Tree, Tree> } = {},
) {
  const { step, start, calls } = begin(optimizer);
  const seen: unknown[] = [];
  const at = (from ?? start) as At;
  const end = await train(
    step,
    at,
    batches(steps, at.step),
    ({ position, report }) => void seen.push([numbers([position, report] as Tree), position.step, report.gradients]),
    options,
  );
  dispose(start);
  return { seen, end, calls: calls() };
}

const paper = (): GradientTransformation<Tree> =>
  chain(samTransform(0.05), addDecayedWeights(1e-3), trace(0.9), scale(-0.05));

describe('train replays steps on native, and gives the same bits as step by step', () => {
  const rates: readonly Schedule[] = [
    constant(-0.05),
    linear(-0.1, -0.01, 12),
    polynomial(-0.1, 0, 24, 2),
    cosineDecay(-0.1, 24),
    warmup(-0.1, 5),
    piecewise(-0.1, { 3: 0.5, 11: 0.1 }),
    join([warmup(-0.1, 4), cosineDecay(-0.1, 20)], [4]),
    warmupStableDecay(-0.1, 24),
    withWarmup(cosineDecay(-0.1, 24), 6),
  ];
  const rho = rhoFromLearningRate(cosineDecay(0.1, 24), { rho: [0.01, 0.1], learningRate: [0, 0.1] });
  const chains = rates.map((rate) => chain(samTransform(rho), trace(0.9), scaleBySchedule(rate)));

  test.each(chains.map((optimizer, i) => [rates[i]?.made?.name, optimizer] as const))(
    'at every step of the schedule %s',
    async (_, optimizer) => {
      const before = tf.memory().numTensors;
      const [replayed, eager] = [await run(optimizer), await run(optimizer, { capture: false })];
      expect(replayed.seen).toEqual(eager.seen);
      expect([replayed.calls < 12, eager.calls]).toEqual([true, 48]);
      dispose(replayed.end, eager.end);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test('whose checkpoint goes on as well the one as the other way', async () => {
    const whole = await run(paper(), { capture: false });
    const half = await run(paper(), {}, { steps: 13 });
    const file = joined(folder(), 'position.safetensors');
    await saveTree(file, half.end);
    const from = (await loadTree(file)).tree as At;
    for (const capture of [true, false]) {
      const rest = await run(paper(), { capture }, { steps: 11, from });
      expect([...half.seen, ...rest.seen]).toEqual(whole.seen);
      dispose(rest.end);
    }
    dispose(whole.end, half.end, from);
  });

  test('also where more phases take turns than recordings are kept', async () => {
    const long = { steps: 5 * 34 };
    const optimizer = chain(interval(34, samTransform(0.05)), scale(-0.05));
    const [replayed, eager] = [await run(optimizer, {}, long), await run(optimizer, { capture: false }, long)];
    expect(replayed.seen).toEqual(eager.seen);
    // Each phase as it is, recorded, and looked at twice, but the first recorded at once; two as they are to the end.
    expect([replayed.calls, eager.calls]).toEqual([4 * 32 - 1 + 5 * 2 + 5, 5 * 34 + 5]);
    dispose(replayed.end, eager.end);
  });

  test('and steps that are made again give the same, too', async () => {
    const [replayed, eager] = [
      await run(paper(), { redoNonFinite: {} }),
      await run(paper(), { redoNonFinite: {}, capture: false }),
    ];
    expect(replayed.seen).toEqual(eager.seen);
    dispose(replayed.end, eager.end);
  });
});

describe('train keeps to what a step does', () => {
  /** Reads a value back, as no replay can. */
  const reading = transformation({
    gradientCost: 1,
    name: 'reading',
    sign: 1,
    init: () => null,
    update: (gradient, state, params, batch) => {
      const evaluation = gradient(params, batch);
      evaluation.value.dataSync();
      return [evaluation, state];
    },
  });

  test('where a link cannot be captured it says so once, by name, and goes on kernel by kernel', async () => {
    const told: string[] = [];
    const capture: CaptureOptions = { warn: (line) => void told.push(line) };
    const optimizer = chain(samTransform(0.05), reading, scale(-0.05));
    const [replayed, eager] = [await run(optimizer, { capture }), await run(optimizer, { capture: false })];
    expect(replayed.seen).toEqual(eager.seen);
    expect(told).toEqual([
      'Steps run kernel by kernel, since they cannot be captured: in reading, Add or what follows it reads values back to the host (data, dataSync, array).',
    ]);
    dispose(replayed.end, eager.end);
  });

  test('a loss with numbers of the host that are others at each call is never replayed', async () => {
    const told: string[] = [];
    const losses = async (options: TrainOptions) => {
      let factor = 1;
      const { step, start } = begin(paper(), () => (factor += 1));
      const found: number[] = [];
      const end = await train(
        step,
        start,
        batches(9),
        ({ report }) => void found.push(...report.loss.dataSync()),
        options,
      );
      dispose(start, end);
      return found;
    };
    const replayed = await losses({ capture: { warn: (line) => void told.push(line) } });
    expect(told).toEqual([
      expect.stringContaining('it makes a tensor of 4 bytes from numbers of the host that change'),
    ]);
    expect(replayed).toHaveLength(9);
  });

  test.each([6, 100])('a loss whose host numbers change later, by step %i of 150, ends the training', async (when) => {
    let factor = 1;
    const { step, start } = begin(paper(), () => factor);
    const change = ({ position }: { readonly position: { readonly step: number } }): void => {
      if (position.step === when) factor = 2;
    };
    await expectTensorsLeft(0, () =>
      expect(train(step, start, batches(150), change)).rejects.toThrow(
        /^Up to \d+ of the last steps may be wrong, .* numbers of the host that change .* \{ capture: false \}\.$/,
      ),
    );
    const end = await train(step, start, batches(20), change, { capture: false });
    dispose(start, end);
  });

  test('a link whose state counts steps by a plain number is told of by where it is', async () => {
    const told: string[] = [];
    const capture: CaptureOptions = { warn: (line) => void told.push(line) };
    const counting = transformation({
      gradientCost: 1,
      init: () => ({ step: 0 }),
      update: (gradient, { step }, params, batch) => [gradient(params, batch), { step: Math.min(70, step + 1) }],
    });
    const optimizer = chain(counting, samTransform(0.05), scale(-0.05));
    const steps = { steps: 90 };
    const [replayed, eager] = [
      await run(optimizer, { capture }, steps),
      await run(optimizer, { capture: false }, steps),
    ];
    expect(replayed.seen).toEqual(eager.seen);
    expect(told).toEqual([
      'Steps run kernel by kernel for now, since the number at ".optimizer[0].step" made each of the last 64 another one to record.',
    ]);
    expect(replayed.calls).toBeLessThan(eager.calls);
    dispose(replayed.end, eager.end);
  });

  test('a link that runs otherwise from some step on is captured on both sides of it, resumed as well', async () => {
    const told: string[] = [];
    const capture: CaptureOptions = { warn: (line) => void told.push(line) };
    const optimizer = () => chain(handOver(40, chain(), during(5, 30, samTransform(0.05))), scale(-0.05));
    const [replayed, eager] = [
      await run(optimizer(), { capture }, { steps: 90 }),
      await run(optimizer(), { capture: false }, { steps: 90 }),
    ];
    expect(replayed.seen).toEqual(eager.seen);
    expect(told).toEqual([]);
    expect(replayed.calls).toBeLessThan(50);
    const half = await run(optimizer(), { capture }, { steps: 37 });
    const rest = await run(optimizer(), { capture }, { steps: 53, from: half.end });
    expect([...half.seen, ...rest.seen]).toEqual(eager.seen);
    dispose(replayed.end, eager.end, half.end, rest.end);
  });

  test('an update that somebody has put in the place of another one is called at every step', async () => {
    const { step, start } = begin(paper());
    let calls = 0;
    const update: typeof step.update = (...at) => {
      calls++;
      return step.update(...at);
    };
    const counting = { ...step, update };
    dispose(await train(counting, start, batches(9)), start);
    expect(calls).toBe(9);
  });

  test('a backend that is another one in between is used, and the memory of replays is given back', async () => {
    const { step, start } = begin(paper());
    const seen: string[] = [];
    const end = await expectTensorsLeft(count(start), () =>
      train(step, start, batches(20), async ({ position }) => {
        seen.push(tf.getBackend());
        if (position.step % 5 === 0) await tf.setBackend(position.step % 10 ? 'cpu' : 'native');
      }),
    );
    expect(new Set(seen)).toEqual(new Set(['native', 'cpu']));
    expect(end.step).toBe(20);
    dispose(start, end);
  });

  test('training again and again takes no more memory', async () => {
    const { step, start } = begin(paper());
    const once = async (): Promise<number> => {
      dispose(await train(step, start, batches(9)));
      const failing = train(step, start, batches(9), () => {
        throw new Error('broken');
      });
      await expect(failing).rejects.toThrow('broken');
      return (tf.memory() as unknown as { readonly numBytesAllocated: number }).numBytesAllocated;
    };
    await once();
    const first = await once();
    for (let i = 0; i < 5; i++) await once();
    expect(await once()).toBe(first);
    dispose(start);
  });
});
