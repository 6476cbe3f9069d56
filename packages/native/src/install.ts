import type { Precision } from '@steppe/kernels';
import { type KernelFunc, registerBackend, registerGradient, registerKernel } from '@tensorflow/tfjs-core';
import { Refusal } from './arguments/refusal.ts';
import { live } from './arguments/tensors.ts';
import { NativeBackend } from './backend.ts';
import { recordCallback } from './capture/callback.ts';
import { capturedOn } from './capture/captured.ts';
import { createRecorder } from './capture/recorder.ts';
import { cpuKernels } from './fallback.ts';
import { activationGradients } from './kernels/activation-gradients.ts';
import { batchNormKernels } from './kernels/batch-norm.ts';
import { normEvalGradient, normEvalSecondGradient } from './kernels/batch-norm-eval-gradients.ts';
import { normTrainGradient, normTrainSecondGradient } from './kernels/batch-norm-gradients.ts';
import { binaryKernels } from './kernels/binary.ts';
import { blockKernels } from './kernels/blocks.ts';
import { convKernels } from './kernels/conv.ts';
import { drawKernels } from './kernels/draw.ts';
import { fillKernels } from './kernels/fill.ts';
import { fusedKernels } from './kernels/fused.ts';
import { gatherKernels } from './kernels/gather.ts';
import { matMulKernels } from './kernels/matmul.ts';
import { moveKernels } from './kernels/move.ts';
import { normKernels } from './kernels/norm.ts';
import { normLayerGradient, normLayerKernels } from './kernels/norm-layer.ts';
import { padKernels } from './kernels/pad.ts';
import { poolKernels } from './kernels/pool.ts';
import { reduceKernels } from './kernels/reduce.ts';
import { shapeKernels } from './kernels/shape.ts';
import { softmaxGradient, softmaxKernels } from './kernels/softmax.ts';
import { treeKernels } from './kernels/tree.ts';
import { unaryKernels } from './kernels/unary.ts';
import { addressOf, type Library, loadKoffi } from './library.ts';
import { createGuardedPool, debugOf } from './memory/guarded.ts';
import { memoryLimit, poolBytes } from './memory/limit.ts';
import { createPool, type Pool } from './memory/pool.ts';
import { packingOn } from './packing.ts';
import { explained, type Kernel, type Runtime } from './runtime.ts';

const families = [
  ...[unaryKernels, binaryKernels, fillKernels, shapeKernels, reduceKernels, convKernels, matMulKernels, fusedKernels],
  ...[poolKernels, softmaxKernels, normKernels, batchNormKernels, normLayerKernels, treeKernels],
  ...[moveKernels, blockKernels, padKernels, gatherKernels, drawKernels],
];

const gradients = [
  ...[normTrainGradient, normTrainSecondGradient, normEvalGradient, normEvalSecondGradient],
  ...[normLayerGradient, softmaxGradient, ...activationGradients],
];

/** The kernels that do not need the JavaScript backend's, once a backend is installed. */
export const kernelsInC: Set<string> = new Set();

/**
 * Registers a backend of tfjs over a library, and its kernels.
 *
 * @param inFloat32 - The precisions that it multiplies in float32.
 */
export function install(backendName: string, functions: Library, inFloat32: readonly Precision[] = []): void {
  const koffi = loadKoffi();
  const [limit, cap] = [memoryLimit(), poolBytes()];
  const place = (view: ArrayBufferView): number => addressOf(koffi, view);
  const onLargePages = (address: number, bytes: number): void => {
    functions.steppe_set_large_pages(address, bytes);
  };
  const options = { limit, cap, addressOf: place, onLargePages };
  const debug = debugOf(process.env.STEPPE_DEBUG);
  const memory = debug === undefined ? createPool(options) : createGuardedPool(options, debug);
  const words = new Int32Array(new ArrayBuffer(4096));
  const small = { words, wordsAddress: addressOf(koffi, words) };
  const recorder = createRecorder(functions, memory, small);
  const { library, pool } = recorder;
  const backend = new NativeBackend(
    pool,
    {
      capture: (f, options) => capturedOn(runtime, f, options),
      callback: (callback) => (recorder.isRecording() ? recordCallback(runtime, callback) : undefined),
    },
    packingOn(() => runtime, place),
    inFloat32,
  );
  const { storage } = backend;
  const runtime: Runtime = { library, storage, pool, ...small, recorder, backend };
  registerBackend(backendName, () => backend, 3);
  for (const [kernelName, kernelFunc] of kernelFunctions(runtime, cpuKernels(runtime))) {
    registerKernel({ kernelName, backendName, kernelFunc: watched(pool, kernelName, kernelFunc) });
  }
  for (const gradient of gradients) registerGradient(gradient);
}

/** The kernel itself, or in a pool that watches its memory one that is looked after. */
function watched({ verify }: Pool, name: string, run: KernelFunc): KernelFunc {
  if (!verify) return run;
  return (args) => {
    try {
      return run(args);
    } finally {
      verify(name);
    }
  };
}

/** Every kernel: those in C, which hand arguments that they do not know to the JavaScript kernel, and the JavaScript
 * ones. */
function kernelFunctions(runtime: Runtime, cpu: ReadonlyMap<string, KernelFunc>): ReadonlyMap<string, KernelFunc> {
  const functions = new Map<string, KernelFunc>();
  for (const [name, kernelFunc] of cpu) functions.set(name, guarded(runtime, name, kernelFunc));
  for (const { name, run } of families.flatMap((family): Kernel[] => family(runtime))) {
    const instead = cpu.get(name);
    kernelsInC.add(name);
    const kernelFunc: KernelFunc = (args) => {
      const result = run(args.inputs as Parameters<typeof run>[0], args.attrs ?? {}) ?? instead?.(args);
      if (!result) throw new Refusal('there is no kernel for these arguments.');
      return result;
    };
    functions.set(name, guarded(runtime, name, kernelFunc));
  }
  return functions;
}

/** The kernel for tensors that are there only; where it throws it leaves nothing behind, and its name is in the
 * error. */
function guarded({ storage, recorder }: Runtime, name: string, kernelFunc: KernelFunc): KernelFunc {
  return (args) => {
    const inputs = args.inputs as Parameters<Kernel['run']>[0];
    storage.begin();
    try {
      live(storage, inputs, recorder.isRecording());
      if (recorder.isRecording()) recorder.enter(name, inputs, args.attrs ?? {}, storage.get);
      const result = kernelFunc(args);
      storage.end();
      return result;
    } catch (error) {
      storage.undo();
      throw explained(name, inputs, args.attrs ?? {}, error);
    }
  };
}
