import { checkNumber, count } from '@steppe/check';
import { type Position, trainStep } from '@steppe/train';
import { pure, type Tree } from '@steppe/tree';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { History, LayersModel, ModelFitArgs, ModelFitDatasetArgs } from '@tensorflow/tfjs-layers';
import { assignTo } from './assign.ts';
import { checkDataset, checkTensors } from './check-data.ts';
import { checkModel } from './check-model.ts';
import { compileFor, innerOf } from './compiled.ts';
import { put } from './during.ts';
import { checkTraining, datasetChecks, fitChecks, type TrainingOptions } from './fit-options.ts';
import { layersLoss } from './layers-loss.ts';
import { only, placesOf, readPlaces, type Weights } from './places.ts';
import { freshKey, pathsOf, putSlot, slotOf } from './slots.ts';

/** The arguments of `model.fit`, and the optimizer. */
export type FitOptions<State extends Tree = Tree> = Omit<
  ModelFitArgs,
  'sampleWeight' | 'stepsPerEpoch' | 'validationSteps'
> &
  TrainingOptions<State>;

/** The arguments of `model.fitDataset`, and the optimizer. */
export type FitDatasetOptions<State extends Tree = Tree> = ModelFitDatasetArgs<unknown> & TrainingOptions<State>;

/** The tensors of one batch as tfjs hands them to its own step: inputs, targets, and weights where there are classes. */
type Data = readonly (Tensor | null)[];

/** One training step on the model's own variables: what `model.fit` calls for each batch. */
function stepOf<State extends Tree>(model: LayersModel, options: TrainingOptions<State>): (data: Data) => Scalar[] {
  const { optimizer, key, statistics = 'batch' } = options;
  const places = placesOf(model);
  const [trained, fixed] = [only(places, true), only(places, false)];
  if (trained.length === 0)
    throw new Error('The model has no weights to train: set trainable to true on layers that have some.');
  const step = trainStep(layersLoss(model, { statistics }), optimizer);
  const [inputs, outputs] = [model.inputs.length, model.outputs.length];
  return (data) => {
    const batch = {
      xs: data.slice(0, inputs) as Tensor[],
      ys: data.slice(inputs, inputs + outputs) as Tensor[],
      weights: data.slice(inputs + outputs),
    };
    const { loss: value, metrics: values } = pure(() => {
      // Read anew at each step: a callback may have set them.
      const [params, state] = [readPlaces(trained), readPlaces(fixed)];
      const of = pathsOf(params);
      const before = slotOf(model, optimizer);
      if (before !== undefined && before.of !== of)
        throw new Error(
          'The trainable weights are others than in the last fit with this optimizer, whose state does not fit them: call forget(model) first, or make the optimizer anew.',
        );
      const start: Position<Weights, Weights, State> = before
        ? { params, state, optimizer: before.state as State, step: before.step, key: key ?? before.key }
        : step.start(params, state, key ?? freshKey());
      const { position, report } = step.update(start, batch);
      assignTo(places, position.params, position.state);
      putSlot(model, { optimizer, key: position.key, step: position.step, state: position.optimizer, of });
      return { loss: report.loss, metrics: report.metrics };
    });
    return [value, ...Object.values(values)] as Scalar[];
  };
}

/** Lets tfjs's own loop over the data run with our step in the place of its own. */
async function trained<State extends Tree>(
  model: LayersModel,
  options: TrainingOptions<State>,
  run: (model: LayersModel) => Promise<History>,
): Promise<History> {
  if ((innerOf(model) as LayersModel & { readonly isTraining?: boolean }).isTraining)
    throw new Error('The model is being fitted: await that fit before the next one.');
  compileFor(model, options);
  // After compile, which makes the inner model of a sequential one anew.
  const inner = innerOf(model);
  const step = stepOf(model, options);
  const restore = put({ of: inner, name: 'makeTrainFunction', value: () => step });
  try {
    return await run(model);
  } finally {
    restore();
  }
}

/**
 * Trains a `tf.LayersModel` as its own `fit` does, with any optimizer of `@steppe/transforms`: SAM in one line.
 *
 * The loop is TensorFlow.js's own, with its arguments, callbacks, validation and history; only the step is another: it
 * evaluates the model as a pure function, so that all passes of SAM see the same weights, masks and statistics, and
 * moves the statistics of batch normalization once. With a plain optimizer the model comes out as from `model.fit` with
 * that of TensorFlow.js. Constraints of layers are applied after each step, which TensorFlow.js's own fit leaves out.
 *
 * Called again with the same optimizer it goes on from its state, until `forget(model)`.
 *
 * @param x - As for `model.fit`: a tensor, or a list or record of them for several inputs.
 * @param y - The targets, in the same way.
 * @param options - `optimizer`; `loss` and `metrics` unless the model is compiled; `key` to repeat a run; and all that
 * `model.fit` takes, such as `epochs`, `batchSize`, `callbacks` and `validationSplit`.
 * @throws When the model or a layer is refused, as by `fromLayersModel`, an option is unknown or out of its range, the
 * model has no loss or is being fitted; and when `model.fit` does.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { fit } from '@steppe/layers';
 * import { adam, sam } from '@steppe/transforms';
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, kernelInitializer: 'zeros', inputShape: [1] })] });
 * const x = tf.linspace(-1, 1, 32).expandDims(1);
 * const y = x.mul(3).add(1);
 * const options = { optimizer: sam(adam(0.1), 0.01), loss: 'meanSquaredError', epochs: 40, verbose: 0 } as const;
 * const { history } = await fit(model, x, y, options);
 * console.log(history.loss?.length, Number(history.loss?.at(-1)) < 0.1); // => 40 true
 * ```
 */
export async function fit<State extends Tree>(
  model: LayersModel,
  x: Parameters<LayersModel['fit']>[0],
  y: Parameters<LayersModel['fit']>[1],
  options: FitOptions<State>,
): Promise<History> {
  checkModel(model);
  checkTensors('x', x);
  checkTensors('y', y);
  checkTraining('fit', options, fitChecks);
  const { optimizer, loss, metrics, key, statistics, ...rest } = options;
  return trained(model, options, (own) => own.fit(x, y, rest));
}

/**
 * Trains a `tf.LayersModel` on batches of `tf.data` as its own `fitDataset` does, with any optimizer of
 * `@steppe/transforms`; all else is as for `fit`.
 *
 * @param dataset - Gives batches `{ xs, ys }`.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { fitDataset } from '@steppe/layers';
 * import { sam, sgd } from '@steppe/transforms';
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, kernelInitializer: 'zeros', inputShape: [1] })] });
 * const batches = tf.data.array([1, 2, 3, 4].map((x) => ({ xs: [x], ys: [2 * x] }))).batch(2);
 * const { epoch } = await fitDataset(model, batches, { optimizer: sam(sgd(0.01)), loss: 'meanSquaredError', epochs: 3, verbose: 0 });
 * console.log(epoch); // => [ 0, 1, 2 ]
 * ```
 */
export async function fitDataset<State extends Tree>(
  model: LayersModel,
  dataset: Parameters<LayersModel['fitDataset']>[0],
  options: FitDatasetOptions<State>,
): Promise<History> {
  checkModel(model);
  checkDataset('dataset', dataset);
  checkTraining('fitDataset', options, datasetChecks);
  checkNumber('epochs', options.epochs, count);
  const { optimizer, loss, metrics, key, statistics, ...rest } = options;
  return trained(model, options, (own) => own.fitDataset(dataset, rest as ModelFitDatasetArgs<unknown>));
}
