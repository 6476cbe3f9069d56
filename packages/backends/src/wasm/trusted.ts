import type { backend_util, KernelFunc, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import { type ConvAttributes, convGeometry } from './conv-geometry.ts';
import { allFinite, type Numbers, type WasmBackend } from './heap.ts';
import { type PoolAttributes, poolGeometry } from './pool.ts';

/** Tells of a call whether the stock kernel computes it right, and within its own memory. */
type Trust = (inputs: NamedTensorInfoMap, attributes: NamedAttrMap, backend: WasmBackend) => boolean;

const all =
  (...dtypes: readonly string[]): Trust =>
  (inputs) =>
    Object.values(inputs).every((x) => !x || dtypes.includes(x.dtype));

const floats = all('float32');
const numbers = all('float32', 'int32');
const bools = all('bool');
const plain = all('float32', 'int32', 'bool');
const full: Trust = (inputs, attributes, backend) =>
  plain(inputs, attributes, backend) && Object.values(inputs).every((x) => !x?.shape.includes(0));
const finite: Trust = (inputs, attributes, backend) =>
  floats(inputs, attributes, backend) && Object.values(inputs).every((x) => !x || allFinite(backend, x));
const always: Trust = () => true;

/** Windows of which none lies in the padding alone or beyond it; the stock kernels round sizes down. */
function windowsFit(info: backend_util.Conv2DInfo): boolean {
  const { padInfo, effectiveFilterHeight: height, effectiveFilterWidth: width } = info;
  const fit = (size: number, before: number, after: number, window: number, stride: number, out: number): boolean =>
    out > 0 && before < window && after < window && Math.floor((size + before + after - window) / stride) + 1 === out;
  return (
    height * width > 1 &&
    fit(info.inHeight, padInfo.top, padInfo.bottom, height, info.strideHeight, info.outHeight) &&
    fit(info.inWidth, padInfo.left, padInfo.right, width, info.strideWidth, info.outWidth)
  );
}

/** tfjs pads all sides by pixels as it would the height: where windows are square alone, that is right. */
const evenPad = ({ pad, filterSize, strides }: NamedAttrMap): boolean =>
  typeof pad !== 'number' || [filterSize, strides].every((two) => !Array.isArray(two) || two[0] === two[1]);

const pools: Trust = (inputs, attributes, backend) => {
  const { x } = inputs as { readonly x: TensorInfo };
  if (!evenPad(attributes) || x.dtype !== 'float32' || x.shape.includes(0)) return false;
  return windowsFit(poolGeometry(x.shape, attributes as PoolAttributes)) && allFinite(backend, x);
};

const depthwise: Trust = (inputs, attributes, backend) => {
  const { x, filter } = inputs as { readonly x: TensorInfo; readonly filter: TensorInfo };
  const info = convGeometry(x.shape, filter.shape, attributes as ConvAttributes, true);
  const square = typeof attributes.pad !== 'number' || info.effectiveFilterHeight === info.effectiveFilterWidth;
  const near = square && info.strideHeight <= info.filterHeight && info.strideWidth <= info.filterWidth;
  const some = !x.shape.includes(0) && !filter.shape.includes(0);
  return (
    evenPad(attributes) &&
    floats(inputs, attributes, backend) &&
    some &&
    near &&
    windowsFit(info) &&
    allFinite(backend, filter)
  );
};

/** So far below the largest float32 that no difference of two is infinite. */
const MODERATE = 2 ** 126;

/** Whether all numbers are moderate. */
function isModerate(values: Numbers): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i] as number) < MODERATE)) return false;
  return true;
}

/** Pixels that are moderate numbers, by places that float32 holds: of aligned corners it loses digits. */
const resizes: Trust = (inputs, attributes, backend) =>
  !attributes.alignCorners &&
  full(inputs, attributes, backend) &&
  floats(inputs, attributes, backend) &&
  Object.values(inputs).every((x) => !x || isModerate(backend.typedArrayFromHeap(x)));

/** Float32 throughout, and one shape: tfjs's `where` leaves a side of one beside a side of none. */
const chosen: Trust = ({ condition, t, e }) =>
  t?.dtype === 'float32' && e?.dtype === 'float32' && [t, e].every(({ shape }) => `${shape}` === `${condition?.shape}`);

const under = (trust: Trust, names: string): readonly (readonly [string, Trust])[] =>
  names.split(' ').map((name) => [name, trust]);

/**
 * The stock WASM kernels that are right, and for which calls.
 *
 * All others read or write bytes as numbers of another type, go beyond their tensors, lose NaN or small numbers, or are
 * not worth the trust: our own or the CPU backend's JavaScript computes those, over WASM's memory.
 */
export const trusted: ReadonlyMap<string, Trust> = new Map([
  ...under(
    floats,
    'Abs Acos Acosh Asin Asinh Atan Atan2 Atanh Ceil Cosh Elu Erf Exp Expm1 Floor IsFinite IsInf IsNan LeakyRelu Log ' +
      'Neg Pow RealDiv Reciprocal Round Rsqrt Sigmoid Sinh Softmax Softplus Sqrt Square SquaredDifference Tan Tanh',
  ),
  ...under(finite, 'Maximum Minimum Relu6'),
  ...under(numbers, 'Add AddN Multiply Sub'),
  ...under(bools, 'LogicalAnd LogicalNot LogicalOr LogicalXor'),
  ...under(plain, 'ArgMax ArgMin Concat Equal Greater GreaterEqual Less LessEqual NotEqual Pack PadV2 SplitV Unpack'),
  ...under(full, 'Max Min Transpose'),
  ...under(always, 'Reshape ExpandDims Fill ZerosLike OnesLike'),
  ...under(pools, 'AvgPool MaxPool'),
  ...under(depthwise, 'DepthwiseConv2dNative'),
  ...under(chosen, 'Select'),
  ...under(resizes, 'ResizeBilinear'),
]);

/** The stock kernel for the calls that it is trusted with, another for the others. */
export function whereTrusted(name: string, stock: KernelFunc | undefined, other: KernelFunc): KernelFunc {
  const trust = trusted.get(name);
  if (!trust || !stock) return other;
  return (parameters) => {
    const { inputs, attrs = {}, backend } = parameters;
    return (trust(inputs, attrs, backend as WasmBackend) ? stock : other)(parameters);
  };
}
