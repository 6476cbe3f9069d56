import { getKernel, type KernelFunc, registerKernel, type TensorInfo, unregisterKernel } from '@tensorflow/tfjs-core';

type Parameters = globalThis.Parameters<KernelFunc>[0];

const ours = new WeakSet<KernelFunc>();

/** Puts a kernel in front of tfjs-node's own one, which runs where ours gives undefined. Idempotent. */
export function putInFront(name: string, compute: (parameters: Parameters) => TensorInfo | undefined): void {
  const stock = getKernel(name, 'tensorflow');
  if (!stock || ours.has(stock.kernelFunc)) return;
  const kernelFunc: KernelFunc = (parameters) => compute(parameters) ?? stock.kernelFunc(parameters);
  ours.add(kernelFunc);
  unregisterKernel(name, 'tensorflow');
  registerKernel({ ...stock, kernelFunc });
}
