import { GeluGrad, SiluGrad } from '@steppe/kernels';
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { refuse } from '../arguments/refusal.ts';
import { equalShapes, shaped } from '../arguments/tensors.ts';
import { broadcastLayout, maxRank } from '../layout.ts';
import { type Kernel, kernel, type Runtime, typeCode, unsupported } from '../runtime.ts';

/** Kernels of two tensors in the order of `STEPPE_ADD` and what follows it in steppe.h. `ReluGrad` and what begins with
 * Steppe are not tfjs's. */
export const binaryOps: readonly string[] = [
  'Add',
  'Sub',
  'Multiply',
  'RealDiv',
  'Maximum',
  'Minimum',
  'Pow',
  'SquaredDifference',
  'Mod',
  'FloorDiv',
  'Atan2',
  'Prelu',
  'EluGrad',
  'ReluGrad',
  SiluGrad,
  GeluGrad,
  'Equal',
  'NotEqual',
  'Less',
  'LessEqual',
  'Greater',
  'GreaterEqual',
  'LogicalAnd',
  'LogicalOr',
];

const firstQuestion = binaryOps.indexOf('Equal');

/** Computes `op(a, b)` with broadcasting; into `into` where that is given (it may be `a` or `b`) and has the shape of
 * the result. */
export function binary(
  runtime: Runtime,
  op: number,
  a: TensorInfo,
  b: TensorInfo,
  into?: TensorInfo,
): TensorInfo | undefined {
  const type = typeCode(a.dtype);
  if (type === undefined || a.dtype !== b.dtype) return undefined;
  const { library, storage, words, wordsAddress } = runtime;
  const shape = equalShapes(a.shape, b.shape) ? a.shape : backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const rank = broadcastLayout(words, shape, a.shape, b.shape);
  if (rank > maxRank) return undefined;
  const addressA = storage.get(a.dataId).address;
  const addressB = storage.get(b.dataId).address;
  const place = into && equalShapes(into.shape, shape) ? into : undefined;
  const y = place ?? storage.output(shape, op >= firstQuestion ? 'bool' : a.dtype);
  const status = library.steppe_binary(op, type, addressA, addressB, storage.get(y.dataId).address, rank, wordsAddress);
  if (status !== unsupported) return y;
  if (!place) storage.dispose(y.dataId);
  return undefined;
}

/** Kernels of two tensors with broadcasting, and the sum of many. */
export function binaryKernels(runtime: Runtime): Kernel[] {
  const op = (name: string): number => binaryOps.indexOf(name);
  const plain = binaryOps.filter((name) => !['Prelu', 'EluGrad', 'ReluGrad', SiluGrad, GeluGrad].includes(name));
  const add = op('Add');
  const gradient = (name: string): Kernel =>
    kernel<'dy' | 'y'>(name, ({ dy, y }) => {
      shaped('dy', dy, y.shape);
      return binary(runtime, op(name), dy, y);
    });
  return [
    ...plain.map((name) => kernel<'a' | 'b'>(name, ({ a, b }) => binary(runtime, op(name), a, b))),
    kernel<'x' | 'alpha'>('Prelu', ({ x, alpha }) => binary(runtime, op('Prelu'), x, alpha)),
    ...['EluGrad', 'ReluGrad'].map(gradient),
    ...[SiluGrad, GeluGrad].map((name) =>
      kernel<'dy' | 'x'>(name, ({ dy, x }) => {
        shaped('dy', dy, x.shape);
        return binary(runtime, op(name), dy, x);
      }),
    ),
    kernel<string>('AddN', (inputs) => {
      const terms = Object.values(inputs);
      const [first, second, ...rest] = terms;
      if (!first) return refuse('the inputs', 'one tensor at least', 'none');
      for (const term of terms) shaped('a term', term, first.shape);
      if (!second || terms.some(({ dtype }) => dtype !== first.dtype)) return undefined;
      const sum = binary(runtime, add, first, second);
      if (sum) for (const term of rest) binary(runtime, add, sum, term, sum);
      return sum;
    }),
  ];
}
