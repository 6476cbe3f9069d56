import type { KernelFunc, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';

/** Tells of a call whether the stock kernel computes it right, and within its own memory. */
export type Trust = (inputs: NamedTensorInfoMap, attributes: NamedAttrMap) => boolean;

const all =
  (...dtypes: readonly string[]): Trust =>
  (inputs) =>
    Object.values(inputs).every((x?: TensorInfo) => !x || dtypes.includes(x.dtype));

const floats = all('float32');
const numbers = all('float32', 'int32');
const bools = all('bool');
const plain = all('float32', 'int32', 'bool');
const full: Trust = (inputs, attributes) =>
  plain(inputs, attributes) && Object.values(inputs).every((x) => !x?.shape.includes(0));
const always: Trust = () => true;
const under = (trust: Trust, names: string): readonly (readonly [string, Trust])[] =>
  names.split(' ').map((name) => [name, trust]);

/**
 * The stock WASM kernels that are right, and for which calls.
 *
 * All others read or write bytes as numbers of another type, go beyond their tensors, lose NaN or small numbers, or are
 * not worth the trust: the CPU backend's JavaScript computes those, over WASM's memory.
 */
export const trusted: ReadonlyMap<string, Trust> = new Map([
  ...under(
    floats,
    'Abs Acos Acosh Asin Asinh Atan Atan2 Atanh Ceil Cosh Elu Erf Exp Expm1 Floor IsFinite IsInf IsNan LeakyRelu Log ' +
      'Neg Pow RealDiv Reciprocal Relu Round Rsqrt Sigmoid Sinh Softmax Softplus Sqrt Square SquaredDifference Tan Tanh',
  ),
  ...under(numbers, 'Add AddN Multiply Sub'),
  ...under(bools, 'LogicalAnd LogicalNot LogicalOr LogicalXor'),
  ...under(plain, 'ArgMax ArgMin Cast Concat Equal Greater GreaterEqual Less LessEqual NotEqual Pack PadV2'),
  ...under(plain, 'SplitV Unpack'),
  ...under(full, 'Max Min Transpose'),
  ...under(always, 'Reshape ExpandDims Fill ZerosLike OnesLike'),
]);

/** The stock kernel for the calls that it is trusted with, the CPU backend's for the others. */
export function whereTrusted(name: string, stock: KernelFunc | undefined, cpu: KernelFunc | undefined): KernelFunc {
  const trust = trusted.get(name);
  return (parameters) => {
    const { inputs, attrs = {} } = parameters;
    const kernel = trust?.(inputs, attrs) ? stock : cpu;
    if (!kernel) throw new Error(`The WASM backend has no ${name} of ${dtypesOf(inputs)}: cast first.`);
    return kernel(parameters);
  };
}

const dtypesOf = (inputs: NamedTensorInfoMap): string =>
  Object.values(inputs)
    .map((x) => x?.dtype)
    .join(', ');
