import { leaves, map, pure, scaled, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import { type Case, type Law, type LawLink, law } from './law.ts';
import type { LawBatch } from './problem.ts';
import { plain } from './seen.ts';

/** The value of the linear loss: high, as a step size after Polyak needs it. */
const VALUE = 100;

/** A loss whose gradient is the same tree everywhere, so that no perturbation changes it, and whose Hessian is 0. */
const slope = (c: Tree) => {
  const of = <P extends Tree>(w: P): P => map(c as P, (leaf) => tf.clone(leaf)) as typeof w;
  const evaluate = <P extends Tree>(w: P, _batch: LawBatch) => ({
    value: tf.scalar(VALUE),
    grads: of(w),
    aux: { mean: tf.scalar(0), examples: tf.scalar(7, 'int32') },
    cotangent: null,
  });
  return Object.assign(evaluate, {
    hvp: <P extends Tree>(w: P) => map(w, (leaf) => tf.zerosLike(leaf)),
    functional: of,
  });
};

/** ⟨u, c⟩ of each leaf over ‖u‖‖c‖, what is lost in rounding being 0. */
async function cosines(u: Tree, c: Tree): Promise<readonly number[]> {
  const other = leaves(c);
  return Promise.all(
    leaves(u).map(async ({ leaf }, i) => {
      const [a, b] = [Array.from(await leaf.data()), Array.from((await other[i]?.leaf.data()) ?? [])];
      const cosine = a.reduce((all, x, j) => all + x * (b[j] ?? 0), 0) / (Math.hypot(...a) * Math.hypot(...b));
      return Math.abs(cosine) > 1e-3 ? Math.sign(cosine) : 0;
    }),
  );
}

/** The signs of three steps on the losses ⟨c, w⟩ and ⟨-c, w⟩, those of a step in one list; and whether a link stays as it is. */
async function signs(link: LawLink, { params, batch }: Pick<Case, 'params' | 'batch'>) {
  const c = pure(() => map(params, (leaf) => tf.reshape(tf.cos(tf.add(tf.range(0, leaf.size), 0.5)), leaf.shape)));
  const steps: number[][] = [[], [], []];
  let memoryless = true;
  for (const direction of [c, scaled(c, -1)]) {
    let [w, state]: [Tree, Tree] = [params, link.init(params)];
    for (const found of steps) {
      const [{ grads }, next] = link.update(slope(direction), state, w, batch);
      found.push(...(await cosines(grads, direction)));
      memoryless &&= leaves(state).length === 0 && plain(state) === plain(next);
      [w, state] = [applyUpdates(w, grads), next];
    }
  }
  return { steps, memoryless };
}

const are = (all: readonly number[], sign: 1 | -1): boolean => all.includes(sign) && !all.includes(-sign);

/** Signs: a chain believes them when it refuses to climb behind a step downhill. */
export const saysItsSign: Law = law('says sign: -1 where it turns the gradient around, and only there', async (at) => {
  const { sign = 1 } = at.link;
  if (sign === 'unknown') return;
  const { steps, memoryless } = await signs(at.link, at);
  // Both ways: what depends on the weights alone goes along one of c and -c. Leaf by leaf: some may be left as they are.
  if (sign === 1 && steps.some((step) => are(step, -1)))
    throw new Error(`it turns the gradient around, and its sign is ${at.link.sign}: say sign: -1`);
  // One with a memory may turn around later, one on chosen leaves those that are empty here.
  const whole = leaves(at.params).every(({ leaf }) => leaf.size > 0);
  if (sign === -1 && memoryless && whole && steps.every((step) => are(step, 1)))
    throw new Error('its sign is -1, and it never turns the gradient around: say sign: 1');
});
