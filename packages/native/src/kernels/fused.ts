import type { FusedConv2DAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { Refusal, refuse } from '../arguments/refusal.ts';
import { checkWindow, windowOf } from '../arguments/window.ts';
import { sizeOf } from '../memory/data.ts';
import { type Kernel, kernel, precisionCode, type Runtime } from '../runtime.ts';
import { binary, binaryOps } from './binary.ts';
import { convolve, ours } from './conv.ts';
import { matMul } from './matmul.ts';
import { writeFusion } from './shape.ts';
import { unary } from './unary.ts';

type Finish = {
  readonly bias?: TensorInfo;
  readonly preluActivationWeights?: TensorInfo;
  readonly activation?: string | null;
  readonly leakyreluAlpha?: number;
};

/** tfjs's names of activations, and the kernels that they are. */
const activations: Readonly<Record<string, string>> = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  leakyrelu: 'LeakyRelu',
};

function known({ bias, preluActivationWeights, activation }: Finish): boolean {
  const floats = (bias?.dtype ?? 'float32') === 'float32' && (preluActivationWeights?.dtype ?? 'float32') === 'float32';
  return floats && (!activation || activation === 'linear' || activation === 'prelu' || activation in activations);
}

/** Adds the bias and applies the activation: in place, unless one is larger and widens the result. */
function finish(
  runtime: Runtime,
  y: TensorInfo,
  { bias, preluActivationWeights, activation, leakyreluAlpha }: Finish,
): TensorInfo {
  if (bias) y = replaced(runtime, y, binary(runtime, binaryOps.indexOf('Add'), y, bias, y));
  if (activation === 'prelu') {
    if (!preluActivationWeights) return refuse('preluActivationWeights', 'given with the activation prelu', 'none');
    y = replaced(runtime, y, binary(runtime, binaryOps.indexOf('Prelu'), y, preluActivationWeights, y));
  }
  const name = activations[activation ?? ''];
  if (name) unary(runtime, name, y, { alpha: leakyreluAlpha ?? 0.2 }, y);
  return y;
}

/** The next result, in place of the one before. */
function replaced({ storage }: Runtime, before: TensorInfo, next: TensorInfo | undefined): TensorInfo {
  if (!next) throw new Refusal(`[${before.shape}] has too many dimensions to be broadcast here.`);
  if (next !== before) storage.dispose(before.dataId);
  return next;
}

/** Whether the convolution itself adds the bias and applies the activation, as float32 ones do with one bias a channel. */
function inOnePass(runtime: Runtime, { bias, activation }: Finish, channels: number): boolean {
  const plain = !activation || activation === 'linear' || activation === 'relu';
  return (
    precisionCode(runtime) === 0 &&
    plain &&
    (!bias || (bias.shape.at(-1) === channels && sizeOf(bias.shape) === channels))
  );
}

type Optional = Partial<Record<'bias' | 'preluActivationWeights', TensorInfo>>;

/** Convolutions and products with a bias and an activation. */
export function fusedKernels(runtime: Runtime): Kernel[] {
  const conv = (name: string, depthwise: boolean): Kernel =>
    kernel<'x' | 'filter', FusedConv2DAttrs>(name, ({ x, filter, ...rest }, attrs) => {
      checkWindow(attrs);
      const end = { ...(rest as Optional), ...attrs };
      if (!ours(x, filter, depthwise ? 'NHWC' : attrs.dataFormat) || !known(end)) return undefined;
      const info = windowOf(x.shape, filter.shape, attrs, depthwise);
      const empty = [x, filter].some(({ shape }) => sizeOf(shape) === 0);
      if (!depthwise && !empty && inOnePass(runtime, end, info.outChannels)) {
        const bias = end.bias ? runtime.storage.get(end.bias.dataId).address : 0;
        const fusion = writeFusion(runtime, { bias, relu: end.activation === 'relu' });
        return convolve(runtime, 0, info, x, filter, info.outShape, fusion);
      }
      return finish(runtime, convolve(runtime, depthwise ? 3 : 0, info, x, filter, info.outShape), end);
    });
  return [
    conv('FusedConv2D', false),
    conv('FusedDepthwiseConv2D', true),
    kernel<'a' | 'b', { transposeA: boolean; transposeB: boolean; activation: string; leakyreluAlpha?: number }>(
      '_FusedMatMul',
      ({ a, b, ...rest }, { transposeA, transposeB, ...attrs }) => {
        const end = { ...(rest as Optional), ...attrs };
        const y = known(end) ? matMul(runtime, a, b, transposeA, transposeB) : undefined;
        return y && finish(runtime, y, end);
      },
    ),
  ];
}
