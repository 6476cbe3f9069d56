import type { Key } from '@steppe/random';
import type { GradientFn } from '@steppe/transforms';
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { during } from './during.ts';
import { randomStream } from './random-stream.ts';

/** Values of variables by name. */
export type Values = { readonly [variable: string]: Tensor };

/** Copies of what variables hold. */
export const copies = (variables: readonly Variable[]): Values =>
  Object.fromEntries(variables.map((variable) => [variable.name, tf.clone(variable)]));

/** Writes values to those variables that hold others. */
export function write(variables: readonly Variable[], values: Values): void {
  for (const variable of variables) {
    const value = values[variable.name];
    if (value !== undefined && value.dataId !== variable.dataId) variable.assign(value);
  }
}

/** Runs a loss again, and lets go of what it keeps each time: the metrics of `model.fit`, of which one is enough. */
function again(loss: () => Scalar): Scalar {
  const value = loss();
  const { activeScope, activeTape } = tf.engine().state;
  const saved = new Set(activeTape.flatMap((node) => node.saved ?? []));
  for (const tensor of activeScope.track) if (tensor.kept && !saved.has(tensor)) tensor.kept = false;
  return value;
}

/** The loss that tfjs hands an optimizer, as a gradient function: at any point, with the variables put back afterwards.
 * What it writes to other variables, as batch normalization does, is its aux. */
export function closureGradient(
  loss: () => Scalar,
  variables: readonly Variable[],
  key: Key,
  optimizer: string,
): GradientFn<Values, null, Values> {
  let evaluations = 0;
  const others = Object.values(tf.engine().registeredVariables).filter((variable) => !variables.includes(variable));
  const gradient = (params: Values) => {
    const [before, fixed] = [copies(variables), copies(others)];
    const seen = evaluations++ === 0 ? loss : () => again(loss);
    try {
      write(variables, params);
      const random = { of: Math, name: 'random', value: randomStream(key) };
      const { value, grads } = during([random], () => tf.variableGrads(seen, [...variables]));
      const written = others.filter((variable) => variable.dataId !== fixed[variable.name]?.dataId);
      const whole = variables.map((variable) => [variable.name, grads[variable.name] ?? tf.zerosLike(variable)]);
      return { value, grads: Object.fromEntries(whole) as Values, aux: copies(written) };
    } finally {
      write(variables, before);
      write(others, fixed);
    }
  };
  const refuse = (what: string) => (): never => {
    throw new Error(
      `${optimizer} asks for ${what}, which TensorFlow.js does not show its optimizers: train with fit(model, x, y, { optimizer }) of @steppe/layers.`,
    );
  };
  return Object.assign(gradient, {
    hvp: refuse('second derivatives'),
    functional: refuse('the gradient of outputs'),
  });
}
