import * as tf from '@tensorflow/tfjs-core';
import { platform } from '#platform';
import type { Device } from '../device.ts';
import { isMissing, type Nvidia } from '../platform/platform.ts';
import { activate } from './activate.ts';
import { whyNoGpu } from './no-gpu.ts';

/** What the TensorFlow backend tells about itself. */
type TensorFlowBackend = {
  readonly isUsingGpuDevice?: boolean;
  readonly binding?: { readonly TF_Version?: string };
};

/** The GPU that computes, in the driver's words: tfjs-node uses one. */
export function gpuName({ gpus, driver }: Nvidia): string {
  const models = [...new Set(gpus)];
  const model = models.length === 0 ? 'a CUDA GPU' : models.join(' or ');
  const one = gpus.length > 1 ? `one of ${gpus.length} GPUs, ${model}` : model;
  return driver ? `${one} (driver ${driver})` : one;
}

/** TensorFlow's C library, on a CUDA GPU where there is one. */
export const cuda: Device = {
  name: 'cuda',
  probe: async ({ auto }) => {
    const before = tf.engine().backendName;
    const loaded = await platform.loadTensorFlow();
    if (isMissing(loaded)) return loaded;
    // Loading it makes it the current backend.
    if (before) await tf.setBackend(before);
    const { name, module, needs, nvidia } = loaded;
    const { binding, isUsingGpuDevice } = (tf.findBackend('tensorflow') ?? {}) as TensorFlowBackend;
    const tensorFlow = `TensorFlow ${binding?.TF_Version ?? ''}`;
    const obstacle = isUsingGpuDevice ? undefined : whyNoGpu(needs, nvidia);
    // The native engine is several times faster than TensorFlow without a GPU.
    if (auto && obstacle) return { ...obstacle, reason: `${tensorFlow} sees no GPU: ${obstacle.reason}` };
    const { 'tfjs-node': version } = { ...(module.version as Record<string, string> | undefined) };
    return {
      tfjsName: 'tensorflow',
      version: version ?? '',
      description: `${tensorFlow} through ${name}, on ${obstacle ? 'the CPU' : gpuName(nvidia)}`,
      warnings: obstacle
        ? [`TensorFlow sees no GPU and computes on the CPU: ${obstacle.reason}. To change that: ${obstacle.command}`]
        : [],
      details: { library: name, ...(binding?.TF_Version && { tensorflow: binding.TF_Version }) },
      activate: async () => {
        await activate('tensorflow');
        const { registerTensorFlowKernels } = await import('../tensorflow/register.ts');
        registerTensorFlowKernels();
      },
    };
  },
};
