import { checkOptions, checkRecord, oneOf, refusal } from '@steppe/check';
import type { ApplyOptions } from '@steppe/models';
import type { ModelLossOfOutputs } from '@steppe/train';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkBatch, checkList, checkNamed } from './check-data.ts';
import { type Compiled, compiled, type LossOptions } from './compiled.ts';
import { networkOf } from './network.ts';
import type { Weights } from './places.ts';

/** A batch for a `tf.LayersModel`: a tensor for each input and output. */
export type LayersBatch = {
  readonly xs: readonly Tensor[];
  readonly ys: readonly Tensor[];
  /** The weights of the examples `[batch]` in the loss of each output, `null` for none. */
  readonly weights?: readonly (Tensor | null)[];
};

/** What a model gives for a batch, and what its regularizers come to. */
export type LayersOutputs = { readonly outputs: readonly Tensor[]; readonly penalties: readonly Scalar[] };

/** As tfjs has them: `[batch]` is `[batch, 1]`. */
const atLeast2d = (x: Tensor): Tensor => (x.rank === 1 ? tf.expandDims(x, 1) : x);

/** The targets of a batch; a wrong shape would be broadcast, without a word. */
function targetsOf(batch: LayersBatch, { targets }: Compiled): readonly Tensor[] {
  checkBatch(batch, 'ys', targets.length);
  const { ys } = batch;
  return ys.map((given, i) => {
    const [y, shape] = [atLeast2d(given), targets[i] ?? []];
    if (y.rank !== shape.length || shape.some((size, axis) => axis > 0 && size !== null && size !== y.shape[axis]))
      throw new Error(
        `ys[${i}] must have shape [${shape.map((size) => size ?? 'any').join()}] for this model and loss, got [${given.shape}].`,
      );
    return y;
  });
}

/**
 * Makes the loss of a `tf.LayersModel` for `trainStep` of `@steppe/train`: its losses and metrics by name or function, as
 * `model.compile` takes them, and its regularizers.
 *
 * The loss is what TensorFlow.js minimizes: the mean over the batch of the sum of the outputs' losses, plus the
 * regularizers. The model is not compiled by it, and not changed.
 *
 * @param options - `loss` and `metrics`; what the model was compiled with unless given; `statistics` as for `fit`.
 * @throws When the model or a layer is refused, as by `fromLayersModel`, there is no loss, or TensorFlow.js does not know
 * a name; at a call, when the batch does not fit the model.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { fromLayersModel, layersLoss } from '@steppe/layers';
 * import { key } from '@steppe/random';
 * import { trainStep } from '@steppe/train';
 * import { adam, chain, microBatch, samTransform } from '@steppe/transforms';
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * const { params, state } = fromLayersModel(model);
 * const step = trainStep(layersLoss(model, { loss: 'meanSquaredError' }), chain(samTransform(0.05), microBatch(2), adam(1e-2)));
 * const batch = { xs: [tf.ones([4, 2])], ys: [tf.zeros([4, 1])] };
 * const { position, report } = step.update(step.start(params, state, key(0)), batch);
 * console.log(position.step, report.loss.shape); // => 1 []
 * ```
 */
export function layersLoss(
  model: LayersModel,
  options: LossOptions & Pick<ApplyOptions, 'statistics'> = {},
): ModelLossOfOutputs<Weights, Weights, LayersBatch, LayersOutputs> {
  const { apply, penalties } = networkOf<Tensor | Tensor[]>(model);
  checkOptions('layersLoss', options, { loss: checkNamed, metrics: checkNamed, statistics: oneOf('batch', 'running') });
  const { statistics = 'batch', ...losses } = options;
  const known = compiled(model, losses);
  return {
    outputs(params, state, batch, key) {
      checkBatch(batch, 'xs', model.inputs.length);
      const { xs } = batch;
      const [outputs, next] = apply(params, state, xs.map(atLeast2d), { training: true, key, statistics });
      return [{ outputs: [outputs].flat(), penalties: penalties(params, state) }, next];
    },
    loss(made, batch) {
      checkRecord('What outputs gave', made);
      const { outputs, penalties } = made;
      checkList('outputs', outputs, known.losses.length);
      if (!Array.isArray(penalties)) throw refusal('penalties', 'a list of tensors', penalties);
      checkList('penalties', penalties, penalties.length);
      const ys = targetsOf(batch, known);
      const each = known.losses.map((loss, i) => {
        const own = loss(ys[i] as Tensor, outputs[i] as Tensor);
        const weights = batch.weights?.[i];
        return weights ? tf.mul(own, weights) : own;
      });
      const means = each.map((loss) => tf.mean<Scalar>(loss));
      const metrics = known.metrics.map(({ name, metric, output }, i) => {
        // With several outputs, their losses are the first metrics.
        const value = outputs.length > 1 ? means[i] : undefined;
        return [name, value ?? tf.mean<Scalar>(metric(ys[output] as Tensor, outputs[output] as Tensor))] as const;
      });
      const total = each.reduce((sum, loss) => tf.add(sum, loss));
      const value = penalties.reduce<Tensor>((sum, penalty) => tf.add(sum, penalty), tf.mean(total));
      return [value as Scalar, Object.fromEntries(metrics)];
    },
  };
}
