import { type ArgMaxAttrs, backend_util, type TensorInfo, type TopKAttrs } from '@tensorflow/tfjs-core';
import { axesOf, axisOf } from '../arguments/axes.ts';
import { whole } from '../arguments/numbers.ts';
import { reduceLayout } from '../layout.ts';
import { sizeOf } from '../memory/data.ts';
import { check, type Kernel, kernel, type Runtime, typeCode } from '../runtime.ts';
import { transposed } from './copy.ts';
import { cast } from './fill.ts';

/** Reductions in the order of `STEPPE_SUM` and what follows it in steppe.h. */
export const reduceOps = ['Sum', 'Mean', 'Max', 'Min', 'Prod', 'All', 'Any'] as const;

/** What these are of no elements at all, the JavaScript backend's kernels say. */
const valueless: readonly string[] = ['Max', 'Min', 'All', 'Mean'];

/** Max has its own name for the axes. */
type ReduceAttrs = {
  readonly axis?: number | number[];
  readonly reductionIndices?: number | number[];
  readonly keepDims: boolean;
};

type Triple = [number, number, number];

type ReduceOp = (typeof reduceOps)[number];

/** Calls `use` with x as [outer, reduced, inner]; transposes it first where the axes are not neighbours. */
function arranged(
  runtime: Runtime,
  x: TensorInfo,
  axes: readonly number[],
  use: (address: number, layout: readonly [number, number, number]) => void,
): void {
  const layout = reduceLayout(x, axes);
  if (layout) {
    use(runtime.storage.get(x.dataId).address, layout);
    return;
  }
  const kept = x.shape.map((_, d) => d).filter((d) => !axes.includes(d));
  const inner = transposed(runtime, x, [...kept, ...axes]);
  const reduced = sizeOf(axes.map((d) => x.shape[d] ?? 1));
  use(runtime.storage.get(inner.dataId).address, [sizeOf(kept.map((d) => x.shape[d] ?? 1)), reduced, 1]);
  runtime.storage.dispose(inner.dataId);
}

/** Reduces x over some axes. */
function reduce(runtime: Runtime, name: ReduceOp, x: TensorInfo, axes: number[], keepDims: boolean): TensorInfo {
  const [kept] = backend_util.computeOutAndReduceShapes(x.shape, axes);
  const y = runtime.storage.output(keepDims ? backend_util.expandShapeToKeepDim(kept, axes) : kept, x.dtype);
  const to = runtime.storage.get(y.dataId).address;
  arranged(runtime, x, axes, (address, [outer, reduced, inner]) => {
    check(
      runtime.library.steppe_reduce(
        reduceOps.indexOf(name),
        typeCode(x.dtype) ?? 0,
        address,
        to,
        outer,
        reduced,
        inner,
      ),
    );
  });
  return y;
}

/** The type that a reduction computes in, or `undefined` where there is none. */
function workingType(name: ReduceOp, dtype: string): 'float32' | 'int32' | 'bool' | undefined {
  if (name === 'All' || name === 'Any') return dtype === 'bool' ? 'bool' : undefined;
  if (name === 'Mean') return dtype === 'complex64' || dtype === 'string' ? undefined : 'float32';
  if (dtype === 'float32' || dtype === 'int32') return dtype;
  return dtype === 'bool' && (name === 'Sum' || name === 'Prod') ? 'int32' : undefined;
}

/** Kernels that reduce over axes. */
export function reduceKernels(runtime: Runtime): Kernel[] {
  const arg = (name: string, least: number): Kernel =>
    kernel<'x', ArgMaxAttrs>(name, ({ x }, { axis }) => {
      const type = typeCode(x.dtype);
      const first = axisOf(Array.isArray(axis) && axis.length === 1 ? axis[0] : axis, x.shape.length);
      if (type === undefined || x.shape[first] === 0) return undefined;
      const y = runtime.storage.output(
        x.shape.filter((_, d) => d !== first),
        'int32',
      );
      const to = runtime.storage.get(y.dataId).address;
      arranged(runtime, x, [first], (address, [outer, reduced, inner]) => {
        check(runtime.library.steppe_arg(least, type, address, to, outer, reduced, inner));
      });
      return y;
    });
  return [
    ...reduceOps.map((name) =>
      kernel<'x', ReduceAttrs>(name, ({ x }, attrs) => {
        const axes = axesOf(attrs.axis ?? attrs.reductionIndices, x.shape.length);
        const { keepDims } = attrs;
        const type = workingType(name, x.dtype);
        const none = valueless.includes(name) && axes.some((d) => x.shape[d] === 0);
        if (type === undefined || none) return undefined;
        if (type === x.dtype) return reduce(runtime, name, x, axes, keepDims);
        const converted = cast(runtime, x, type);
        const y = reduce(runtime, name, converted, axes, keepDims);
        runtime.storage.dispose(converted.dataId);
        return y;
      }),
    ),
    arg('ArgMax', 0),
    arg('ArgMin', 1),
    kernel<'x', TopKAttrs>('TopK', ({ x }, { k }) => {
      const type = typeCode(x.dtype);
      const rows = x.shape.slice(0, -1);
      const n = x.shape.at(-1);
      if (type === undefined || n === undefined) return undefined;
      whole('k', k, 0, n);
      const { storage } = runtime;
      const values = storage.output([...rows, k], x.dtype);
      const places = storage.output([...rows, k], 'int32');
      const [from, to, at] = [x, values, places].map(({ dataId }) => storage.get(dataId).address) as Triple;
      check(runtime.library.steppe_top(type, from, to, at, sizeOf(rows), n, k));
      return [values, places];
    }),
  ];
}
