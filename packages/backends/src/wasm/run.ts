import { engine, type NamedAttrMap, type NamedTensorMap, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';

/** Runs another kernel of the backend from inside a kernel. */
export const run = (kernel: string, inputs: Readonly<Record<string, TensorInfo>>, attributes = {}): Tensor =>
  engine().runKernel(kernel, inputs as NamedTensorMap, attributes as NamedAttrMap) as Tensor;
