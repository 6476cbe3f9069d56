import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel, ModelCompileArgs } from '@tensorflow/tfjs-layers';
import { bareOptimizer } from './bare-optimizer.ts';

type LossFn = (targets: Tensor, outputs: Tensor) => Tensor;

/** The losses and metrics of a model, as its `compile` takes them. */
export type LossOptions = {
  /** A name such as `'meanSquaredError'`, a function (targets, outputs) ↦ loss of each example, or a list or record of
   * them by output. @defaultValue what the model was compiled with */
  readonly loss?: ModelCompileArgs['loss'];
  /** Names such as `'accuracy'` or functions, as for `model.compile`. @defaultValue what the model was compiled with */
  readonly metrics?: ModelCompileArgs['metrics'];
};

/** Losses and metrics as functions, and the shapes of targets that they take. */
export type Compiled = {
  readonly losses: readonly LossFn[];
  readonly metrics: readonly { readonly name: string; readonly metric: LossFn; readonly output: number }[];
  readonly targets: readonly (readonly (number | null)[])[];
};

/** The model that does the work: a sequential one has another inside. */
export const innerOf = (model: LayersModel): LayersModel =>
  (model as LayersModel & { readonly model?: LayersModel }).model ?? model;

/** What `compile` finds behind names, without changing the model: it writes to an object that only inherits from it. */
function compileAside(model: LayersModel, args: Omit<ModelCompileArgs, 'optimizer'>): LayersModel {
  const aside: LayersModel = Object.create(innerOf(model));
  innerOf(model).compile.call(aside, { ...args, optimizer: bareOptimizer({}) });
  return aside;
}

/** Whether a model knows its loss. */
const isCompiled = ({ lossFunctions, optimizer }: LayersModel): boolean =>
  lossFunctions !== undefined && optimizer != null;

/** Gives a loss: that of the options, or the one that the model was compiled with. */
function known(model: LayersModel, { loss, metrics }: LossOptions): Omit<ModelCompileArgs, 'optimizer'> {
  const inner = innerOf(model);
  if (loss !== undefined) return { loss, ...(metrics !== undefined && { metrics }) };
  if (!isCompiled(inner))
    throw new Error(
      "The model has no loss yet: pass one, as in { loss: 'meanSquaredError' }, or call model.compile({ optimizer, loss }) first.",
    );
  const before = metrics ?? (inner.metrics as LossOptions['metrics']);
  return { loss: inner.loss as ModelCompileArgs['loss'], ...(before !== undefined && { metrics: before }) };
}

/** Compiles a model with a loss and metrics that are given, as `fit` of the model needs it; its optimizer stays. */
export function compileFor(model: LayersModel, options: LossOptions): void {
  const args = known(model, options);
  if (options.loss === undefined && options.metrics === undefined) return;
  model.compile({ ...args, optimizer: model.optimizer ?? bareOptimizer({}) });
}

/**
 * The losses and metrics of a model as functions.
 *
 * @throws When neither the options nor the model have a loss, or TensorFlow.js does not know a name.
 */
export function compiled(model: LayersModel, options: LossOptions): Compiled {
  const own = compileAside(model, known(model, options));
  const [sparse] = compileAside(model, {
    loss: model.outputs.map(() => 'sparseCategoricalCrossentropy'),
  }).lossFunctions;
  const names = own.metricsNames.slice(1);
  return {
    losses: own.lossFunctions,
    metrics: own.metricsTensors.map(([metric, output], i) => {
      const name = names[i] as string;
      // As tfjs tells outputs apart that have one metric.
      const before = names.slice(0, i).filter((other) => other === name).length;
      const several = names.filter((other) => other === name).length > 1;
      return { name: several ? `${name}_${before}` : name, metric, output };
    }),
    targets: model.outputs.map(({ shape }, i) =>
      own.lossFunctions[i] === sparse ? [...shape.slice(0, -1), 1] : shape,
    ),
  };
}
