export { Gelu, GeluGrad, Silu, SiluGrad } from './activations.ts';
export {
  BATCH_NORM_MAX_CHANNELS,
  BatchNorm,
  type BatchNormAttrs,
  BatchNormEval,
  BatchNormEvalGrad,
  BatchNormEvalGradGrad,
  type BatchNormEvalInput,
  BatchNormGrad,
  BatchNormGradGrad,
  type BatchNormGradGradInput,
  type BatchNormGradInput,
  type BatchNormInput,
} from './batch-norm.ts';
export { type Callback, ioCallback, type Plain, type Run, refuseInRecording, runCallback } from './callback.ts';
export { type Captured, type CaptureOptions, type CapturingBackend, capturingBackend } from './capture.ts';
export { type Count, type CountWatch, isBelow, nextCount, watchCounts } from './count.ts';
export {
  LayerNorm,
  type LayerNormAttrs,
  LayerNormGrad,
  type LayerNormGradInput,
  type LayerNormInput,
} from './layer-norm.ts';
export { type PackingBackend, packingBackend } from './packing.ts';
export { type PreciseBackend, preciseBackend } from './precision.ts';
export { type Precision, precisions } from './precisions.ts';
export {
  Draw,
  type DrawAttrs,
  distributions,
  type KeyWatch,
  type KeyWords,
  keyWatch,
  watchKeys,
} from './random.ts';
export { Softmax, SoftmaxGrad } from './softmax.ts';
export {
  type ListEngine,
  TREE_NORM_ORDERS,
  TreeAddScaled,
  type TreeAttrs,
  TreeDot,
  TreeMomentum,
  type TreeMomentumAttrs,
  TreeNorm,
  type TreeNormAttrs,
  TreeNormalize,
  TreeScale,
} from './tree.ts';
