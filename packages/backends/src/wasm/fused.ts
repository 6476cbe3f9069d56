import {
  _FusedMatMul,
  Add,
  BatchMatMul,
  Conv2D,
  DepthwiseConv2dNative,
  Elu,
  FusedConv2D,
  FusedDepthwiseConv2D,
  LeakyRelu,
  Prelu,
  Relu,
  Relu6,
  Sigmoid,
  type TensorInfo,
  tidy,
} from '@tensorflow/tfjs-core';
import { type WasmKernel, wasmKernel } from './kernel.ts';
import { run } from './run.ts';

type Fused = {
  readonly activation?: string;
  readonly leakyreluAlpha?: number;
};

const activations: Readonly<Record<string, string>> = { relu: Relu, relu6: Relu6, elu: Elu, sigmoid: Sigmoid };

/** Makes a kernel of a product, a bias and an activation, one after the other. */
const fused = (name: string, product: string): WasmKernel =>
  wasmKernel<{ bias?: TensorInfo; preluActivationWeights?: TensorInfo; [operand: string]: TensorInfo }, Fused>(
    name,
    (_, { bias, preluActivationWeights, ...operands }, attributes) =>
      tidy(() => {
        const { activation = 'linear', leakyreluAlpha } = attributes;
        const linear = run(product, operands, attributes);
        const x = bias ? run(Add, { a: linear, b: bias }) : linear;
        if (activation === 'linear') return x;
        if (preluActivationWeights) return run(Prelu, { x, alpha: preluActivationWeights });
        if (activation === 'leakyrelu') return run(LeakyRelu, { x }, { alpha: leakyreluAlpha });
        const kernel = activations[activation];
        if (!kernel) throw new Error(`The WASM backend has no activation ${activation} for ${name}.`);
        return run(kernel, { x });
      }),
  );

/** Products with a bias and an activation: the stock kernels lose NaN and read biases as they please. */
export const fusedKernels: readonly WasmKernel[] = [
  fused(FusedConv2D, Conv2D),
  fused(FusedDepthwiseConv2D, DepthwiseConv2dNative),
  fused(_FusedMatMul, BatchMatMul),
];
