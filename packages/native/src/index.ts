export type { Captured, CaptureOptions } from '@steppe/kernels';
export { type TrainingBatchNormOptions, trainingBatchNorm } from './batch-norm.ts';
export type { Built } from './build/binary.ts';
export type { Isa } from './build/isa.ts';
export { capture } from './capture/capture.ts';
export { fallbackKernels } from './fallback.ts';
export type { NativeInfo } from './load.ts';
export { isAvailable, kernelsInJavaScript, nativeInfo, registerNative } from './native.ts';
export { type MomentumNumbers, treeAddScaled, treeMomentum, treeNorm } from './tree.ts';
