import { key } from '@steppe/random';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filterNormalized, linspace, principalAxes, randomDirection } from '../../src/index.ts';

const seed = { seed: 20, numRuns: 25 };
const entry = fc.float({ min: -4, max: 4, noNaN: true });
const filters = fc.array(fc.array(entry, { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 4 });
const lengths = (kernel: tf.Tensor): number[] =>
  Array.from(tf.norm(tf.reshape(kernel, [-1, kernel.shape.at(-1) as number]), 'euclidean', 0).dataSync());

test('every filter of a direction gets the length of that of the weights, whatever it had', () => {
  fc.assert(
    fc.property(filters, fc.double({ min: 0.01, max: 100, noNaN: true }), (weights, c) => {
      tf.tidy(() => {
        const params = { kernel: tf.tensor2d(weights), bias: tf.ones([3]) };
        const drawn = { kernel: tf.mul(tf.add(tf.square(params.kernel), 1), c), bias: tf.tensor1d([c, c, c]) };
        const { kernel, bias } = filterNormalized(drawn, params);
        const wanted = lengths(params.kernel);
        for (const [i, length] of lengths(kernel).entries()) expect(length).toBeCloseTo(wanted[i] as number, 4);
        expect(bias.arraySync()).toEqual([0, 0, 0]);
      });
    }),
    seed,
  );
});

test('biases are filters of their own where that is asked for', () => {
  const params = { bias: tf.tensor1d([3, 4]), scale: tf.scalar(2), none: tf.zeros([0, 3]) };
  const direction = { bias: tf.tensor1d([0, 1]), scale: tf.scalar(-7), none: tf.zeros([0, 3]) };
  const { bias, scale } = filterNormalized(direction, params, { vectors: 'whole' });
  expect(bias.dataSync()[1]).toBeCloseTo(5, 5);
  expect(scale.dataSync()[0]).toBeCloseTo(-2, 5);
});

test('a filter of zeros stays where it is, and a convolution has one for each output', () => {
  const params = { kernel: tf.concat([tf.zeros([3, 3, 2, 1]), tf.fill([3, 3, 2, 1], 0.5)], 3) };
  const { kernel } = randomDirection(key(1), params);
  const [none, some] = lengths(kernel);
  expect(none).toBe(0);
  expect(some).toBeCloseTo(Math.sqrt(18 * 0.25), 4);
});

test('random directions are those of their key, another one for each leaf, and leave no tensor', () => {
  const params = { a: tf.ones([4, 4]), b: tf.ones([4, 4]) };
  const before = tf.memory().numTensors;
  const [one, again, other] = [key(3), key(3), key(4)].map((from) => randomDirection(from, params));
  const values = (tree: typeof one) => [tree?.a.arraySync(), tree?.b.arraySync()];
  expect(values(one)).toEqual(values(again));
  expect(values(one)).not.toEqual(values(other));
  expect(one?.a.arraySync()).not.toEqual(one?.b.arraySync());
  tf.dispose([one, again, other] as never);
  expect(tf.memory().numTensors).toBe(before);
});

test('equal distances have both ends, and 0 in the middle', () => {
  expect(linspace(-0.3, 0.3, 7)[3]).toBe(0);
  expect([linspace(0, 1, 11)[0], linspace(0, 1, 11)[10]]).toEqual([0, 1]);
  expect(() => linspace(0, 1, 1)).toThrow('points must be a whole number of at least 2, got 1.');
});

test('the principal axes of weights in a plane are orthonormal and give every one of them back', async () => {
  const point = fc.tuple(entry, entry);
  await fc.assert(
    fc.asyncProperty(fc.array(point, { minLength: 4, maxLength: 7 }), async (places) => {
      fc.pre(spans(places));
      const [u, v] = [
        [0.6, 0, 0.8, 0],
        [0, 1, 0, 0],
      ] as const;
      const points = places.map(([x, y]) => ({
        a: tf.tensor1d([0, 1].map((i) => 5 + x * (u[i] as number) + y * (v[i] as number))),
        b: [tf.tensor2d([[2, 3].map((i) => 5 + x * (u[i] as number) + y * (v[i] as number))])],
      }));
      const { directions, coordinates, explained } = await principalAxes(points);
      const flat = directions.map(({ a, b: [b] }) => [...a.dataSync(), ...(b as tf.Tensor).dataSync()]);
      const product = (i: number, j: number) =>
        (flat[i] ?? []).reduce((sum, x, k) => sum + x * (flat[j]?.[k] as number), 0);
      expect(product(0, 0)).toBeCloseTo(1, 3);
      expect(product(1, 1)).toBeCloseTo(1, 3);
      expect(product(0, 1)).toBeCloseTo(0, 3);
      expect((explained[0] as number) + (explained[1] as number)).toBeCloseTo(1, 3);
      expect(explained[0]).toBeGreaterThanOrEqual(explained[1] as number);
      const origin = places.at(-1) as readonly [number, number];
      for (const [i, [x, y]] of places.entries()) {
        const distance = Math.hypot(x - origin[0], y - origin[1]);
        expect(Math.hypot(...(coordinates[i] as readonly number[]))).toBeCloseTo(distance, 2);
      }
      tf.dispose([points, directions] as never);
    }),
    { seed: 21, numRuns: 15 },
  );
});

/** Whether places are well spread in both directions: on a line there is no second axis. */
function spans(places: readonly (readonly [number, number])[]): boolean {
  const mean = [0, 1].map((k) => places.reduce((sum, place) => sum + (place[k] as number), 0) / places.length);
  const moment = (a: number, b: number) =>
    places.reduce(
      (sum, p) => sum + ((p[a] as number) - (mean[a] as number)) * ((p[b] as number) - (mean[b] as number)),
      0,
    );
  return moment(0, 0) * moment(1, 1) - moment(0, 1) ** 2 > 1;
}

test('axes that the points do not span, and too few points, are refused', async () => {
  const line = [0, 1, 2, 5].map((x) => tf.tensor1d([x, 2 * x]));
  await expect(principalAxes(line)).rejects.toThrow(
    'The points span 1 axes, not 2: give others that do not lie on one line, or fewer axes.',
  );
  await expect(principalAxes(line.slice(0, 2))).rejects.toThrow('points must be a list of at least 3 trees for 2 axes');
  const { coordinates } = await principalAxes(line, { axes: 1, origin: tf.zeros<tf.Rank.R1>([2]) });
  expect(coordinates.map(([x = 0]) => Math.abs(x).toFixed(2))).toEqual(['0.00', '2.24', '4.47', '11.18']);
});

test('directions and weights that differ are refused with the place', () => {
  const message = 'Trees differ at ".kernel": shapes [2,3] and [3,2].';
  expect(() => filterNormalized({ kernel: tf.ones([2, 3]) }, { kernel: tf.ones([3, 2]) })).toThrow(message);
});
