import type { TreeAddScaled, TreeDot, TreeNorm, TreeNormAttrs, TreeNormalize, TreeScale } from '@steppe/kernels';
import { engine, getKernel, type NamedTensorMap, type Scalar, type Tensor, util } from '@tensorflow/tfjs-core';

/** Names a kernel over all leaves of a tree in one call, which a backend may bring, as `@steppe/native` does. */
export type WholeTreeKernel =
  | typeof TreeNorm
  | typeof TreeDot
  | typeof TreeScale
  | typeof TreeAddScaled
  | typeof TreeNormalize;

const fits = (a: readonly Tensor[], b: readonly Tensor[]): boolean =>
  a.every(({ dtype, shape }, i) => {
    const other = b[i];
    if (dtype !== 'float32' || other === undefined) return dtype === 'float32';
    return other.dtype === 'float32' && util.arraysEqual(shape, other.shape);
  });

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
  const inputs = [...a, ...b, ...(c ? [c] : [])];
  // A list, as tfjs passes the terms of AddN: names for hundreds of leaves would cost more than the kernel.
  const attrs: TreeNormAttrs = { count: a.length, order };
  const outputs = engine().runKernel(name, inputs as unknown as NamedTensorMap, attrs);
  return Array.isArray(outputs) ? outputs : [outputs as Tensor];
}
