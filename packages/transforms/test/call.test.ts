import { describe, expect, test } from 'vitest';
import {
  adamw,
  addDecayedWeights,
  chain,
  constant,
  cosineDecay,
  interval,
  join,
  masked,
  microBatch,
  samTransform,
  scaleByAdam,
  scaleBySchedule,
  sgd,
  stateless,
  textOf,
  trace,
  warmup,
} from '../src/index.ts';

describe('the text of a link', () => {
  test('is the call that makes it, for a chain with those of its links', () => {
    const rate = join([warmup(-0.1, 5), cosineDecay(-0.1, 100, { alpha: 0.1 })], [5]);
    const optimizer = chain(
      addDecayedWeights(5e-4),
      samTransform(0.05, 2),
      microBatch(32),
      trace(0.9, { nesterov: true }),
      scaleBySchedule(rate),
    );
    expect(textOf(optimizer)).toBe(
      'chain(addDecayedWeights(0.0005), samTransform(0.05, 2), microBatch(32), trace(0.9, { nesterov: true }), scaleBySchedule(join([warmup(-0.1, 5), cosineDecay(-0.1, 100, { alpha: 0.1 })], [5])))',
    );
  });

  test('shows options that were given, and none that were not', () => {
    const sam = samTransform(constant(0.1), Number.POSITIVE_INFINITY, { adaptive: { eta: 0 } });
    expect(textOf(sam)).toBe('samTransform(constant(0.1), Infinity, { adaptive: { eta: 0 } })');
    expect([textOf(scaleByAdam()), textOf(scaleByAdam({ b1: 0.8 }))]).toEqual([
      'scaleByAdam()',
      'scaleByAdam({ b1: 0.8 })',
    ]);
  });

  test('shows links inside of links, and an ellipsis for what says nothing of itself', () => {
    const mine = stateless((grads) => grads);
    expect(textOf(interval(5, samTransform(0.05)))).toBe('interval(5, samTransform(0.05, 2))');
    expect(textOf(masked(samTransform(0.05), () => true))).toBe('masked(samTransform(0.05, 2), …)');
    expect(
      textOf(
        chain(
          mine,
          scaleBySchedule((count) => count),
        ),
      ),
    ).toBe('chain(…, scaleBySchedule(…))');
    expect(textOf(chain(stateless((grads) => grads, { name: 'mine' })))).toBe('chain(mine(…))');
  });

  test('of an alias is that of its chain', () => {
    expect(textOf(adamw(0.001, 0.1))).toMatch(
      /^chain\(scaleByAdam\(.*\), addDecayedWeights\(0\.1\), scale\(-0\.001\)\)$/,
    );
    expect(textOf(sgd(cosineDecay(0.1, 10)))).toBe('chain(scaleBySchedule(-cosineDecay(0.1, 10)))');
  });
});
