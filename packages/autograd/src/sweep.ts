import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { refuseUncovered } from './coverage.ts';
import type { RuleRun, TapeNode } from './recording.ts';
import type { Pullback } from './rule.ts';

const NONE: ReadonlySet<number> = new Set();

/** An operation between x and y, and those of its inputs that depend on x. */
type Step = { readonly node: TapeNode; readonly inputs: readonly (readonly [name: string, input: Tensor])[] };

/** The operations that depend on xs, in order, and the ids of what they make. Integers and booleans end a path: their
 * derivative is zero. */
function dependents(tape: readonly TapeNode[], xs: readonly Tensor[]): { steps: Step[]; fromX: ReadonlySet<number> } {
  const fromX = new Set(xs.map((x) => x.id));
  const steps: Step[] = [];
  for (const node of tape) {
    // An operation may leave out an input, as batch normalization its scale.
    const inputs = Object.entries(node.inputs).filter(([, input]) => input && fromX.has(input.id));
    if (inputs.length === 0) continue;
    steps.push({ node, inputs });
    for (const { id, dtype } of node.outputs) if (dtype === 'float32' || dtype === 'complex64') fromX.add(id);
  }
  return { steps, fromX };
}

/** Those of the operations that lead to ys, the last one first. */
function backwardFrom(ys: readonly Tensor[], steps: readonly Step[]): readonly Step[] {
  const toY = new Set(ys.map(({ id }) => id));
  const path: Step[] = [];
  for (const step of [...steps].reverse()) {
    if (!step.node.outputs.some((output) => toY.has(output.id))) continue;
    path.push(step);
    for (const [, input] of step.inputs) toY.add(input.id);
  }
  return path;
}

/** ∂y/∂input for every input of one operation, given ∂y/∂output for its outputs; all of them new tensors. Those of the
 * inputs in `unread` may be recorded only. */
function inputGradients(
  { node, inputs }: Step,
  dys: readonly (Tensor | undefined)[],
  unread: ReadonlySet<number>,
): Tensor[] {
  // Nothing depends on nothing, whatever a rule makes of shapes without entries.
  if (node.outputs.every(({ size }) => size === 0)) return inputs.map(([, { shape }]) => tf.zeros(shape));
  if (node.gradient === undefined)
    throw new Error(
      `${node.kernelName} has no gradient: write it with operations that have one, or keep it out of the loss.`,
    );
  const rules: { readonly [input: string]: Pullback | undefined } = node.gradient(dys as Tensor[]);
  const scope = tf.engine().state.activeScope.id;
  return inputs.map(([name, input]) => {
    if (input.size === 0) return tf.zeros(input.shape);
    const rule = rules[name];
    const dx = (unread.has(input.id) ? (rule?.recorded ?? rule) : rule)?.();
    if (dx === undefined) throw new Error(`${node.kernelName} has no gradient with respect to its input "${name}".`);
    if (!tf.util.arraysEqual(dx.shape, input.shape))
      throw new Error(
        `The gradient of ${node.kernelName} with respect to "${name}" has shape [${dx.shape}], its input has [${input.shape}].`,
      );
    // A rule may hand on what it got; the sum of gradients must be free to dispose it.
    return dx.scopeId === scope ? dx : tf.clone(dx);
  });
}

/** What a sweep has to know of the recording that it walks. */
export type Recording = {
  readonly tape: readonly TapeNode[];
  /** The sweeps that the recording holds: where there are any, this one is a derivative of a derivative. */
  readonly runs: readonly RuleRun[];
  /** What is kept for the gradients of customGrads; `null` where a sweep encloses this one. Where none does, what an
   * operation saved and what is kept of it are freed as soon as the walk has passed it. */
  readonly held: ReadonlySet<Tensor> | null;
  /** Whether what the sweep gives is differentiated only, and never looked at. */
  readonly unread: boolean;
};

/** Walks a recording backward from ys, given dys, and gives Σ dy·∂y/∂x for every x, `undefined` where no y depends on
 * it. */
export function sweep(
  { tape, runs, held, unread }: Recording,
  xs: readonly Tensor[],
  ys: readonly Tensor[],
  dys: readonly Tensor[],
): (Tensor | undefined)[] {
  const { steps, fromX } = dependents(tape, xs);
  if (runs.length > 0) refuseUncovered(tape, runs, fromX, ys);
  const kept = new Set(xs.map((x) => x.id));
  const gradientOf = new Map<number, Tensor>(ys.map(({ id }, i) => [id, tf.clone(dys[i] as Tensor)]));
  for (const step of backwardFrom(ys, steps)) {
    const { node, inputs } = step;
    const dys = node.outputs.map((output) => gradientOf.get(output.id));
    const dxs = tf.tidy(() => inputGradients(step, dys, unread ? kept : NONE));
    for (const [i, output] of node.outputs.entries())
      if (!kept.has(output.id)) {
        gradientOf.delete(output.id);
        dys[i]?.dispose();
      }
    for (const [i, [, input]] of inputs.entries()) {
      const dx = dxs[i] as Tensor;
      const before = gradientOf.get(input.id);
      gradientOf.set(input.id, before === undefined ? dx : tf.add(before, dx));
      if (before !== undefined) tf.dispose([before, dx]);
    }
    if (held)
      tf.dispose([...(node.saved ?? []), ...node.outputs.filter((output) => held.has(output) && !ys.includes(output))]);
  }
  return xs.map((x) => gradientOf.get(x.id));
}
