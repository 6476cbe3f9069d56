import type { Key } from '@steppe/random';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { during, type Override } from './during.ts';
import { called, type Part } from './parts.ts';
import { isShape } from './places.ts';
import { randomStream } from './random-stream.ts';

/** Where recurrent cells keep the masks of one sequence until the next one. */
const MASKS = ['dropoutMask', 'recurrentDropoutMask'] as const;

/** A variable that stands for a tensor, and what was written to it, which is kept for the caller to free. */
function standIn(variable: LayerVariable, given: Tensor, written: Map<LayerVariable, Tensor>, who: () => string) {
  const write = (value: Tensor): LayerVariable => {
    if (variable.trainable)
      throw new Error(
        `${who()} writes to its trainable weight "${variable.originalName}" while it runs, which no gradient sees: add it by addWeight with trainable false.`,
      );
    if (!isShape(value, variable))
      throw new Error(`${who()} writes [${value.shape}] to "${variable.originalName}", which has [${variable.shape}].`);
    tf.dispose(written.get(variable) ?? []);
    written.set(variable, tf.keep(tf.clone(value)));
    return variable;
  };
  const read = (): Tensor => written.get(variable) ?? given;
  return [
    { of: variable, name: 'read', value: read },
    { of: variable, name: 'write', value: write },
  ] satisfies Override[];
}

/** What a call of a model's code is given in the place of the model's own variables and of chance. */
export type Given = {
  readonly parts: readonly Part[];
  readonly values: ReadonlyMap<LayerVariable, Tensor>;
  readonly key?: Key | undefined;
  /** Whether batch normalization takes the moving statistics in training too, and leaves them. */
  readonly running?: boolean;
};

/**
 * Runs code of a model as a pure function of tensors: its variables read those that are given, what it writes to them is
 * handed on, and all chance comes from the key.
 *
 * The layers themselves are not touched: for the time of this synchronous call, `read` and `write` of each variable,
 * `Math.random` and the masks of recurrent cells are others.
 *
 * @param f - Gets what was written so far, by variable, which is freed when it is done.
 * @throws When a layer draws random numbers and there is no key, or keeps something in a variable of its own.
 */
export function pureCall<T>(
  { parts, values, key, running: fixed = false }: Given,
  f: (written: ReadonlyMap<LayerVariable, Tensor>) => T,
): T {
  const running: Part[] = [];
  const who = () => `The layer ${called(running.at(-1) ?? (parts[0] as Part))}`;
  const written = new Map<LayerVariable, Tensor>();
  const noKey = () => {
    throw new Error(
      `${who()} draws random numbers and there is no key: pass one, as in apply(params, state, x, { training: true, key: key(0) }).`,
    );
  };
  const noVariable = () => {
    throw new Error(
      `${who()} assigns to a tf.Variable of its own while it runs, so two passes of SAM would see two networks: make it by addWeight(name, shape, dtype, initializer, undefined, false).`,
    );
  };
  const noting = (part: Part) => {
    const call = part.call;
    const evaluated = fixed && part.getClassName() === 'BatchNormalization';
    return (inputs: unknown, options: object) => {
      running.push(part);
      const result = call.call(part, inputs, evaluated ? { ...options, training: false } : options);
      running.pop();
      return result;
    };
  };
  const masks = parts.flatMap((of) => MASKS.filter((name) => name in of).map((name) => ({ of, name, value: null })));
  const overrides: Override[] = [
    ...[...values].flatMap(([variable, value]) => standIn(variable, value, written, who)),
    ...parts.map((of) => ({ of, name: 'call', value: noting(of) })),
    ...masks,
    { of: Math, name: 'random', value: key === undefined ? noKey : randomStream(key) },
    { of: tf.Variable.prototype, name: 'assign', value: noVariable },
  ];
  try {
    return during(overrides, () => {
      try {
        return f(written);
      } finally {
        // tfjs keeps them until the next sequence.
        for (const { of, name } of masks) tf.dispose(((of as { [mask: string]: unknown })[name] as Tensor[]) ?? []);
      }
    });
  } finally {
    tf.dispose([...written.values()]);
  }
}
