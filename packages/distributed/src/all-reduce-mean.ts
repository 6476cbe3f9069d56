import { refusal } from '@steppe/check';
import { countExamples, type GradientTransformation, type SliceOptions, transformation } from '@steppe/transforms';
import { call, checkSliceOptions, foldKeys } from '@steppe/transforms/parts';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { checkDevice } from './check-device.ts';
import { checkWorld } from './check-world.ts';
import { exchangeOf, meanOverRanks } from './exchange.ts';
import type { World } from './world.ts';

/** Whether the slice of this rank has a weight, and which. */
function weightOf<Batch extends Tree>(weight: SliceOptions<Batch>['weight'], slice: Batch): tf.Tensor | undefined {
  const given = weight?.(slice);
  if (given === undefined) return undefined;
  if (!(given instanceof tf.Tensor) || given.rank !== 0) throw refusal('weight of allReduceMean', 'a scalar', given);
  return given;
}

/**
 * Averages what the ranks of a world give, Σ W_r·x_r / Σ W_r, each evaluated on its own slice of the batch: data-parallel
 * training as a link.
 *
 * Its place in the chain says what is averaged. Behind `samTransform` it is m-sharpness over workers, as the paper trains:
 * every rank has its own ε̂, and one all-reduce a step sends the SAM gradients. Before it there is one ε̂ of the whole
 * batch, and two all-reduces. `microBatch` stands before it for slices within a rank.
 *
 * It is `microBatch` with slices on other workers: gradients, value, report, states of the links before it and the aux,
 * such as statistics of batch norm, are combined by the same rules. N ranks give what one process gives whose
 * `microBatch` cuts the same N slices, bit for bit, for every N; random keys are folded with the rank. All ranks go on
 * with the same bits. In a world of one it changes nothing.
 *
 * What the ranks give passes through the memory of the host: this link reads tensors back, others do not. A captured
 * step does so at each replay.
 *
 * @param world - Made by `world()`.
 * @param options - `shared`, `weight` and `aux`, as of `microBatch`, but for 'concat'.
 * @throws When the world or an option is none; at an update, as `microBatch`, on a device that gives values later only,
 * or when the ranks are at different steps or have other sizes of parameters.
 * @see Foret et al., ICLR 2021, section 3.1, "m-sharpness": each accelerator its own ε̂.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { allReduceMean, world } from '@steppe/distributed';
 * import { chain, samTransform, sgd } from '@steppe/transforms';
 *
 * const workers = world();
 * const optimizer = chain(samTransform(0.5), allReduceMean(workers), sgd(0.1)); // an ε̂ for each rank
 * const gradient = (w: tf.Tensor) => ({ value: tf.sum<tf.Scalar>(tf.square(w)), grads: tf.mul(w, 2), aux: null }); // L(w) = ‖w‖²
 * const w = tf.tensor1d([3, 4]);
 * const [{ grads }] = optimizer.update(gradient, optimizer.init(w), w, tf.ones([2]));
 * console.log([...grads.dataSync()].map((x) => x.toFixed(2))); // => [ '-0.66', '-0.88' ]
 * workers.finalize();
 * ```
 */
export function allReduceMean(world: World): GradientTransformation<null>;
export function allReduceMean<Batch extends Tree = Tree>(
  world: World,
  options: SliceOptions<Batch>,
): GradientTransformation<null, NoInfer<Batch>>;
export function allReduceMean<Batch extends Tree>(
  world: World,
  ...options: readonly SliceOptions<Batch>[]
): GradientTransformation<null, Batch> {
  checkWorld(world, 'rank', 'size', 'allGather', 'allReduce');
  const [given = {}] = options;
  checkSliceOptions('allReduceMean', given);
  const { shared, weight, aux } = given;
  const isAlone = world.size === 1;
  let wasFinite = true;
  const notFinite = (ranks: readonly number[]): void => {
    const isAllFinite = ranks.length === 0;
    if (wasFinite && !isAllFinite && world.rank === 0)
      console.warn(
        `allReduceMean: rank ${ranks.join(', ')} of ${world.size} gives numbers that are not finite, and so is the mean.`,
      );
    wasFinite = isAllFinite;
  };
  const exchange = exchangeOf(world, 'allReduceMean', notFinite);
  const average = <Of extends Batch, T extends Tree>(batch: Of, rules: typeof aux, evaluate: (slice: Of) => T): T => {
    if (isAlone) return evaluate(batch);
    checkDevice('allReduceMean');
    const slice = foldKeys(batch, world.rank);
    const about = { batch: slice, examples: countExamples(slice, shared, 'allReduceMean'), aux: rules };
    return meanOverRanks(exchange, evaluate(slice), { ...about, weight: weightOf(weight, slice) });
  };
  return transformation<null, Batch>({
    ...call('allReduceMean', ...options),
    gradientCost: 1,
    init: () => null,
    update(gradient, state, params, batch) {
      const evaluate = (slice: typeof batch) => {
        // Cotangents have the shapes of the slices, and no mean.
        const { cotangent: _, ...evaluation } = gradient(params, slice);
        return evaluation;
      };
      return [average(batch, aux, evaluate), state];
    },
    linear: (product, _state, params, batch) =>
      average(batch, undefined, (slice) => ({ grads: product(params, slice) })).grads,
  });
}
