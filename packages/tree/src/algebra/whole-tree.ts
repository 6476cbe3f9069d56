import type {
  ListEngine,
  TreeAddScaled,
  TreeDot,
  TreeNorm,
  TreeNormAttrs,
  TreeNormalize,
  TreeScale,
} from '@steppe/kernels';
import { engine, getKernel, type Scalar, type Tensor, util } from '@tensorflow/tfjs-core';

/** Names a kernel over all leaves of a tree in one call, which a backend may bring, as `@steppe/native` does. */
export type WholeTreeKernel =
  | typeof TreeNorm
  | typeof TreeDot
  | typeof TreeScale
  | typeof TreeAddScaled
  | typeof TreeNormalize;

const fits = (a: readonly Tensor[], b: readonly Tensor[]): boolean =>
  [...a, ...b].every(({ dtype }) => dtype === 'float32') &&
  b.every(({ shape }, i) => util.arraysEqual(shape, a[i]?.shape as number[]));

/**
 * Runs a kernel over whole trees where the current backend has it: one call instead of one per leaf and operation.
 *
 * @returns `undefined` where leaf by leaf is the way: on other backends, for other types, for leaves that are
 * broadcast, and inside of a gradient's recording, since these kernels have no gradients.
 */
export function wholeTree(
  name: WholeTreeKernel,
  a: readonly Tensor[],
  { b = [], c, order = 2 }: { readonly b?: readonly Tensor[]; readonly c?: Scalar; readonly order?: number },
): Tensor[] | undefined {
  const { backendName, state } = engine();
  if (state.gradientDepth > 0 || a.length === 0 || !getKernel(name, backendName) || !fits(a, b)) return undefined;
  const inputs = [a, b, c ?? []].flat();
  // A list, as tfjs passes the terms of AddN: names for hundreds of leaves would cost more than the kernel.
  const attrs: TreeNormAttrs = { count: a.length, order };
  const lists: ListEngine = engine();
  return [lists.runKernel<Tensor | Tensor[]>(name, inputs, attrs)].flat();
}
