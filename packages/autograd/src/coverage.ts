import type { Tensor } from '@tensorflow/tfjs-core';
import { COVERED } from './covered.ts';
import type { RuleRun, TapeNode } from './recording.ts';

const trusted = new Set<string>();

/** The names under which tfjs records every `customGrad` that no scope of its own names. */
const UNNAMED: ReadonlySet<string> = new Set(['', 'unnamed scope', 'forward', 'backward']);

/**
 * Lists the operations that `hvp` and `jvp` differentiate twice, by kernel name.
 *
 * @example
 * ```ts
 * import { secondDerivatives } from '@steppe/autograd';
 *
 * console.log(secondDerivatives().includes('Conv2D'), secondDerivatives().includes('LRN')); // => true false
 * ```
 */
export function secondDerivatives(): readonly string[] {
  return [...COVERED, ...trusted].sort();
}

/**
 * Vouches for the second derivative of an operation of your own, made by `tf.customGrad` or `tf.registerGradient`.
 *
 * Right when its rule is made of covered operations and saves only the operation's inputs and outputs; test it against
 * finite differences.
 *
 * @param name - The kernel name, or the name of the scope around the `customGrad`, as the refusal prints it.
 *
 * @example
 * ```ts
 * import { secondDerivatives, trustSecondDerivative } from '@steppe/autograd';
 *
 * trustSecondDerivative('MyActivation');
 * console.log(secondDerivatives().includes('MyActivation')); // => true
 * ```
 */
export function trustSecondDerivative(name: string): void {
  if (UNNAMED.has(name))
    throw new Error(
      `"${name}" is what every tf.customGrad without a scope is called: run yours inside tf.tidy('itsName', ...).`,
    );
  trusted.add(name);
}

/** What an operation saves of which its rule looks at the shape alone: `tf.fused.matMul` saves its product before it is
 * reshaped, for activations that it never has where gradients are taken. */
const FOR_ITS_SHAPE: { readonly [name: string]: number } = { fusedMatMul__op: 2 };

/** Why the second derivative of an operation is not to be trusted, if it is not. */
function objection(madeAt: ReadonlyMap<number, TapeNode>, node: TapeNode): string | null {
  const { kernelName: name, inputs, saved = [] } = node;
  if (!trusted.has(name)) {
    if (UNNAMED.has(name))
      return `A tf.customGrad has no verified second derivative: run it inside tf.tidy('itsName', ...) and call trustSecondDerivative('itsName').`;
    if (!COVERED.has(name))
      return `${name} has no verified second derivative: use operations of secondDerivatives(), or trustSecondDerivative('${name}').`;
  }
  const own = new Set(Object.values(inputs).map((input: Tensor | undefined) => input?.id));
  const followed = (copy: Tensor): boolean =>
    Object.values(madeAt.get(copy.id)?.inputs ?? {}).every(({ id }) => own.has(id) || madeAt.has(id));
  const shapeOnly = FOR_ITS_SHAPE[name];
  if (!saved.every((copy, place) => place === shapeOnly || followed(copy)))
    return `${name} saves a tensor that it makes inside, so its second derivative would be wrong: write it with operations of secondDerivatives().`;
  return null;
}

/**
 * Stops a sweep over a sweep before a wrong number can come out of it: when a gradient rule that the result depends on,
 * and that depends on the parameters, belongs to an operation that is not covered, or saved something that
 * it made inside, which the tape cannot follow.
 *
 * @param runs - The gradient rules that ran inside the recording.
 * @param fromX - The ids of what depends on the parameters.
 * @throws When an operation has no trusted second derivative, naming it.
 */
export function refuseUncovered(
  tape: readonly TapeNode[],
  runs: readonly RuleRun[],
  fromX: ReadonlySet<number>,
  ys: readonly Tensor[],
): void {
  const toY = new Set(ys.map(({ id }) => id));
  for (const node of [...tape].reverse())
    if (node.outputs.some(({ id }) => toY.has(id)))
      for (const input of Object.values(node.inputs)) if (input) toY.add(input.id);
  const madeAt = new Map(tape.flatMap((node) => node.outputs.map(({ id }) => [id, node] as const)));
  // The copies that rules save are recorded under the name of the scope around them; their rule is the engine's own.
  const copies = new Set(tape.flatMap(({ saved = [] }) => saved.map(({ id }) => id)));
  const passed = new Set<TapeNode>();
  for (const { node, given, made } of runs) {
    if (passed.has(node) || node.outputs.some(({ id }) => copies.has(id))) continue;
    const depends = [...given, ...Object.values(node.inputs).map((input) => input?.id)].some((id) => fromX.has(id));
    if (!depends || !made.some((id) => toY.has(id))) continue;
    const message = objection(madeAt, node);
    if (message !== null) throw new Error(message);
    passed.add(node);
  }
}
