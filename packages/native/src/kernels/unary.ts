import { Gelu, Silu } from '@steppe/kernels';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { real } from '../arguments/numbers.ts';
import { sizeOf } from '../memory/data.ts';
import { type Kernel, kernel, type Runtime, typeCode, unsupported } from '../runtime.ts';

/** Kernels of one tensor in the order of `STEPPE_ABS` and what follows it in steppe.h. */
export const unaryOps: readonly string[] = [
  'Abs',
  'Acos',
  'Acosh',
  'Asin',
  'Asinh',
  'Atan',
  'Atanh',
  'Ceil',
  'ClipByValue',
  'Cos',
  'Cosh',
  'Elu',
  'Erf',
  'Exp',
  'Expm1',
  'Floor',
  'LeakyRelu',
  'Log',
  'Log1p',
  'Neg',
  'Reciprocal',
  'Relu',
  'Relu6',
  'Round',
  'Rsqrt',
  'Selu',
  'Sigmoid',
  'Sign',
  'Sin',
  'Sinh',
  'Softplus',
  'Sqrt',
  'Square',
  'Step',
  'Tan',
  'Tanh',
  Silu,
  Gelu,
  'IsNan',
  'IsInf',
  'IsFinite',
  'LogicalNot',
];

type Attrs = Readonly<Record<string, unknown>>;

/** The numbers that some kernels take. */
const numbersOf: Readonly<Record<string, readonly string[]>> = {
  LeakyRelu: ['alpha'],
  Step: ['alpha'],
  ClipByValue: ['clipValueMin', 'clipValueMax'],
};

/** Computes `op(x)`, into `y` where it is given (which may be `x`). */
export function unary(
  runtime: Runtime,
  name: string,
  x: TensorInfo,
  attrs: Attrs = {},
  into?: TensorInfo,
): TensorInfo | undefined {
  const op = unaryOps.indexOf(name);
  const type = typeCode(x.dtype);
  if (type === undefined) return undefined;
  const [first, second = ''] = numbersOf[name] ?? [];
  const alpha = first ? real(first, attrs[first]) : 0;
  const beta = second ? real(second, attrs[second]) : 0;
  const { library, storage } = runtime;
  const y = into ?? storage.output(x.shape, op >= unaryOps.indexOf('IsNan') ? 'bool' : x.dtype);
  const { address } = storage.get(x.dataId);
  const status = library.steppe_unary(op, type, address, storage.get(y.dataId).address, sizeOf(x.shape), alpha, beta);
  if (status !== unsupported) return y;
  if (!into) storage.dispose(y.dataId);
  return undefined;
}

/** Kernels of one tensor, element by element. */
export function unaryKernels(runtime: Runtime): Kernel[] {
  return unaryOps.map((name) => kernel<'x', Attrs>(name, ({ x }, attrs) => unary(runtime, name, x, attrs)));
}
