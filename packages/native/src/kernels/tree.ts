import {
  TREE_NORM_ORDERS,
  TreeAddScaled,
  type TreeAttrs,
  TreeDot,
  TreeMomentum,
  type TreeMomentumAttrs,
  TreeNorm,
  type TreeNormAttrs,
  TreeNormalize,
  TreeScale,
} from '@steppe/kernels';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { flag, whole } from '../arguments/numbers.ts';
import { refuse } from '../arguments/refusal.ts';
import { floats, sized } from '../arguments/tensors.ts';
import { sizeOf } from '../memory/data.ts';
import { check, type Kernel, type Runtime, withTable } from '../runtime.ts';

/** Words of a `steppe_leaf` of steppe.h: its size and five pointers. */
const leafWords = 6;

/** The leaves of each tree, one tree after the other, then scalars. */
type Inputs = readonly TensorInfo[];

const first = (inputs: Inputs, count: number): Inputs => inputs.slice(0, count);

/** Names a kernel of so many trees of `count` leaves, and of so many scalars behind them. */
const treeKernel = <Attrs extends TreeAttrs = TreeAttrs>(
  name: string,
  trees: number,
  scalars: number,
  run: (inputs: Inputs, attrs: Attrs) => TensorInfo | TensorInfo[],
): Kernel => ({
  name,
  run: (inputs, attrs) => {
    // The values of a list are its elements, in their order.
    const list = Object.values(inputs);
    checkTrees(list, attrs.count, trees, scalars);
    return run(list, attrs as Attrs);
  },
});

/** Checks trees. @throws When these are not `count` leaves of every tree, all of them float32 and as large as those of
 * the first, and scalars. */
function checkTrees(inputs: Inputs, given: unknown, trees: number, scalars: number): void {
  const count = whole('count', given, 0);
  if (inputs.length !== trees * count + scalars)
    refuse('the inputs', `${trees} x ${count} leaves and ${scalars} scalars`, `${inputs.length} tensors`);
  for (let i = 0; i < inputs.length; i++) {
    const tensor = inputs[i] as TensorInfo;
    floats(`input ${i}`, tensor);
    const leaf = i < trees * count ? inputs[i % count] : undefined;
    sized(`input ${i}`, tensor, leaf ? sizeOf(leaf.shape) : 1);
  }
}

type Leaf = readonly [size: number, ...tensors: readonly (TensorInfo | undefined)[]];

/** Calls `use` with the address of a table of leaves. */
function withLeaves(runtime: Runtime, leaves: readonly Leaf[], use: (address: number) => number): void {
  const words: number[] = [];
  for (const [size, ...tensors] of leaves) {
    words.push(size);
    for (let slot = 1; slot < leafWords; slot++) {
      const tensor = tensors[slot - 1];
      words.push(tensor ? runtime.storage.get(tensor.dataId).address : 0);
    }
  }
  withTable(
    runtime,
    words,
    (index) => index % leafWords !== 0,
    (table) => check(use(table)),
  );
}

/** Kernels over all leaves of a tree of parameters in one call each, run by name by `src/tree.ts` and by
 * `@steppe/tree`. */
export function treeKernels(runtime: Runtime): Kernel[] {
  const { library, storage } = runtime;
  const address = (t: TensorInfo | undefined): number => (t ? storage.get(t.dataId).address : 0);
  const like = (t: TensorInfo): TensorInfo => storage.output(t.shape, 'float32');
  const scalar = (): TensorInfo => storage.output([], 'float32');
  const reads = (inputs: Inputs, count: number, outputs: readonly TensorInfo[] = [], pairs = true): Leaf[] =>
    first(inputs, count).map(
      (a, i): Leaf => [sizeOf(a.shape), a, pairs ? inputs[count + i] : a, undefined, outputs[i]],
    );
  const written = (inputs: Inputs, count: number, pairs: boolean, use: (table: number) => number): TensorInfo[] => {
    const outputs = first(inputs, count).map(like);
    withLeaves(runtime, reads(inputs, count, outputs, pairs), use);
    return outputs;
  };
  return [
    treeKernel<TreeNormAttrs>(TreeNorm, 1, 0, (inputs, { count, order }) => {
      if (!TREE_NORM_ORDERS.includes(order)) refuse('order', `one of ${TREE_NORM_ORDERS.join(', ')}`, order);
      const norm = scalar();
      const code = order === Number.POSITIVE_INFINITY ? 0 : order;
      const leaves = reads(inputs, count, [], false);
      withLeaves(runtime, leaves, (table) => library.steppe_tree_norm(table, count, code, address(norm)));
      return norm;
    }),
    treeKernel(TreeDot, 2, 0, (inputs, { count }) => {
      const dot = scalar();
      withLeaves(runtime, reads(inputs, count), (table) => library.steppe_tree_dot(table, count, address(dot)));
      return dot;
    }),
    treeKernel(TreeScale, 1, 1, (inputs, { count }) =>
      written(inputs, count, false, (table) => library.steppe_tree_scale(table, count, address(inputs[count]))),
    ),
    treeKernel(TreeNormalize, 1, 1, (inputs, { count }) => {
      const norm = scalar();
      const length = address(inputs[count]);
      const outputs = written(inputs, count, false, (table) =>
        library.steppe_tree_normalize(table, count, length, address(norm)),
      );
      return [...outputs, norm];
    }),
    treeKernel(TreeAddScaled, 2, 1, (inputs, { count }) =>
      written(inputs, count, true, (table) => library.steppe_tree_add_scaled(table, count, address(inputs[2 * count]))),
    ),
    treeKernel<TreeMomentumAttrs>(TreeMomentum, 3, 3, (inputs, { count, nesterov }) => {
      const w = first(inputs, count);
      const [weights, traces] = [w.map(like), w.map(like)];
      const leaves = w.map((a, i): Leaf => {
        const [g, trace] = [inputs[count + i], inputs[2 * count + i]];
        return [sizeOf(a.shape), a, g, trace, weights[i], traces[i]];
      });
      const [rate = 0, momentum = 0, decay = 0] = [0, 1, 2].map((i) => address(inputs[3 * count + i]));
      withLeaves(runtime, leaves, (table) =>
        library.steppe_tree_momentum(table, count, rate, momentum, decay, flag('nesterov', nesterov)),
      );
      return [...weights, ...traces];
    }),
  ];
}
