import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { TapeNode } from './recording.ts';

type Scope = ReturnType<typeof tf.engine>['state']['activeScope'];

/** What a recording keeps for the sake of the `tf.customGrad`s in it. */
export type Keeper = {
  /** The scope that stays open until the sweep is over. */
  scope: Scope;
  /** What was moved there, which a sweep frees when it has passed it. */
  readonly held: Set<Tensor>;
  /** The largest id of a tensor that the tape has seen. */
  newest: number;
};

/** Whether an operation is a `tf.customGrad`: tfjs numbers its inputs in a record, and those of lists in an array. */
const isCustom = ({ inputs }: TapeNode): boolean => '0' in inputs && !Array.isArray(inputs);

/** A copy that no tape sees. */
function unrecordedCopy(x: Tensor): Tensor {
  const { state } = tf.engine();
  state.kernelDepth += 1;
  try {
    return tf.clone(x);
  } finally {
    state.kernelDepth -= 1;
  }
}

/** Lets a tensor live as long as the keeper's scope, when it would not. */
function hold(x: Tensor, { scope, held }: Keeper): void {
  const { scopeStack } = tf.engine().state;
  const [from, to] = [scopeStack.findLastIndex(({ id }) => id === x.scopeId), scopeStack.lastIndexOf(scope)];
  if (x.kept || to === -1 || from <= to) return;
  const { track } = scopeStack[from] as Scope;
  track.splice(track.lastIndexOf(x), 1);
  scope.track.push(x);
  x.scopeId = scope.id;
  held.add(x);
}

/** Says what is wrong when a gradient uses what was freed at the end of its `tf.customGrad`. */
function explainFreed(node: TapeNode): void {
  const { gradient } = node;
  node.gradient = (dys) => {
    try {
      return gradient?.(dys) ?? {};
    } catch (cause) {
      if (!/disposed|reading 'backend'/.test(String(cause))) throw cause;
      throw new Error(
        'The gradient of a tf.customGrad uses a tensor that is disposed of by then, as are all that it makes inside: pass it to save(...), or compute it again.',
        { cause },
      );
    }
  };
}

/**
 * Makes a `tf.customGrad` that was just recorded one that can be differentiated, whatever its user does.
 *
 * Its gradient may use its inputs and its value without having saved them: they are kept until the sweep has passed
 * them. Its value may be a tensor that was there before, such as its input, whose gradient is not its own: it becomes a
 * copy, which the engine hands to the user in its place.
 *
 * @throws When the scope around it has the name of an operation that has a gradient, which tfjs would take instead.
 */
export function adoptCustomGradient(node: TapeNode, keeper: Keeper): void {
  // The copies that an operation saves are recorded while it runs, before itself.
  if (tf.engine().state.kernelDepth > 0) return;
  const { kernelName, inputs, outputs } = node;
  const all = Object.values(inputs).filter((input) => input !== undefined);
  keeper.newest = all.reduce((newest, { id }) => Math.max(newest, id), keeper.newest);
  if (isCustom(node)) {
    if (tf.getGradient(kernelName) !== undefined)
      throw new Error(
        `A tf.customGrad runs in a scope "${kernelName}", and TensorFlow.js would take the gradient of the operation of that name: rename the scope.`,
      );
    const value = outputs[0] as Tensor;
    if (value.id <= keeper.newest) outputs[0] = unrecordedCopy(value);
    for (const tensor of [...all, ...outputs]) hold(tensor, keeper);
    explainFreed(node);
  }
  keeper.newest = outputs.reduce((newest, { id }) => Math.max(newest, id), keeper.newest);
}
