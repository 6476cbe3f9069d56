import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { key } from '@steppe/random';
import { momentum, sam } from '@steppe/transforms';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Plateau, type PlateauState, type Position, reduceOnPlateau, train } from '../src/index.ts';
import { loadTree, saveTree } from '../src/node.ts';
import { batches, initial, numbers, type Params, regression, type State } from './support/regression.ts';

beforeAll(() => tf.setBackend('cpu'));

/** PyTorch's scheduler, as its documentation puts it. */
function torch(
  values: readonly number[],
  { factor, patience, cooldown, minimum }: { readonly [name: string]: number },
) {
  let [rate, best, bad, cooling] = [1, Number.POSITIVE_INFINITY, 0, 0];
  return values.map((value) => {
    if (value < best * (1 - 1e-4)) [best, bad] = [value, 0];
    else bad += 1;
    if (cooling > 0) [cooling, bad] = [cooling - 1, 0];
    if (bad > (patience ?? 0)) [rate, cooling, bad] = [Math.max(rate * (factor ?? 0), minimum ?? 0), cooldown ?? 0, 0];
    return rate;
  });
}
const rates = (plateau: Plateau, values: readonly number[], rate = 1) => {
  let state = plateau.start(rate);
  return values.map((value) => {
    state = plateau.update(state, value);
    return state.rate;
  });
};

describe('reduceOnPlateau', () => {
  test('gives the rates of PyTorch for positive values', () => {
    const value = fc.oneof(
      fc.integer({ min: 1, max: 20 }).map((x) => x / 10),
      fc.constant(Number.NaN),
    );
    const options = fc.record({
      factor: fc.constantFrom(0.1, 0.5),
      patience: fc.nat(3),
      cooldown: fc.nat(3),
      minimum: fc.constantFrom(0, 0.2),
    });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 30 }), options, (values, given) => {
        expect(rates(reduceOnPlateau(given), values)).toEqual(torch(values, given));
      }),
      { seed: 7 },
    );
  });

  test('takes a larger value as better where it is told so, and thresholds as differences', () => {
    const up = reduceOnPlateau({ mode: 'max', patience: 0, factor: 0.5 });
    expect(rates(up, [0.1, 0.2, 0.2, 0.3])).toEqual([1, 1, 0.5, 0.5]);
    const by = reduceOnPlateau({ thresholdMode: 'absolute', threshold: 0.5, patience: 0, factor: 0.5 });
    expect(rates(by, [3, 2.6, 2])).toEqual([1, 0.5, 0.5]);
    // A negative best value: the threshold stays a demand, where PyTorch's turns around.
    expect(rates(reduceOnPlateau({ patience: 0, factor: 0.5 }), [-1, -1])).toEqual([1, 0.5]);
    expect(rates(reduceOnPlateau({ patience: 0, factor: 0.5, minimum: 0.3 }), [1, 1, 1, 1], 0.2)).toEqual([
      0.2, 0.2, 0.2, 0.2,
    ]);
  });

  test('refuses options and values that are none', () => {
    expect(() => reduceOnPlateau({ factor: 1 })).toThrow('factor must be in (0, 1), got 1.');
    expect(() => reduceOnPlateau({ patience: -1 })).toThrow('patience must be a whole number of at least 0, got -1.');
    expect(() => reduceOnPlateau({ mode: 'least' as 'min' })).toThrow('mode must be "min" or "max", got "least".');
    expect(() => reduceOnPlateau({ patient: 3 } as never)).toThrow('did you mean "patience"?');
    expect(() => reduceOnPlateau().start(0)).toThrow('The learning rate must be a positive finite number, got 0.');
    expect(() => reduceOnPlateau().update(reduceOnPlateau().start(1), tf.scalar(1) as never)).toThrow(
      'takes a measured number',
    );
  });

  test('goes on from a checkpoint as if it had not stopped, with the optimizer made anew for its rate', async () => {
    const plateau = reduceOnPlateau({ factor: 0.5, patience: 1 });
    const values = [1, 0.9, 0.9, 0.9, 0.8, 0.8, 0.8];
    const optimizer = (rate: number) => regression(sam(momentum(rate), 0.05));
    type At = {
      readonly position: Position<Params, State, ReturnType<ReturnType<typeof optimizer>['start']>['optimizer']>;
      readonly plateau: PlateauState;
    };
    const epoch = async (at: At, i: number): Promise<At> => {
      const position = await train(optimizer(at.plateau.rate), at.position, batches(3, 3 * i));
      dispose(at.position);
      return { position, plateau: plateau.update(at.plateau, values[i] ?? 0) };
    };
    const begin = (): At => {
      const { params, state } = initial();
      const position = optimizer(0.1).start(params, state, key(0));
      dispose(params, state);
      return { position, plateau: plateau.start(0.1) };
    };
    const file = join(mkdtempSync(join(tmpdir(), 'steppe-')), 'at.safetensors');
    let [whole, resumed] = [begin(), begin()];
    for (const i of values.keys()) {
      whole = await epoch(whole, i);
      resumed = await epoch(resumed, i);
      await saveTree(file, resumed);
      dispose(resumed);
      resumed = (await loadTree(file)).tree as At;
    }
    expect(resumed.plateau).toEqual({ rate: 0.025, best: 0.8, bad: 0, cooling: 0 });
    expect(resumed.plateau).toEqual(whole.plateau);
    expect(numbers(resumed.position)).toStrictEqual(numbers(whole.position));
    dispose(whole, resumed);
  });
});
