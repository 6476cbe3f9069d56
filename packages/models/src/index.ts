export type { MeanAcross } from './layers/across.ts';
export { type Activation, activate } from './layers/activation.ts';
export { type AttentionParams, attention, initAttention } from './layers/attention.ts';
export {
  type BatchNormOptions,
  batchNorm,
  initBatchNorm,
  type NormParams,
  type NormState,
} from './layers/batch-norm.ts';
export { type ConvParams, conv, initConv } from './layers/conv.ts';
export { type DenseParams, dense, initDense, type KernelInit, xavierUniform } from './layers/dense.ts';
export { depthwiseConv, initDepthwiseConv } from './layers/depthwise-conv.ts';
export { dropPath } from './layers/drop-path.ts';
export { dropout } from './layers/dropout.ts';
export { type GroupNormOptions, groupNorm } from './layers/group-norm.ts';
export { heNormal } from './layers/he-normal.ts';
export { initLayerNorm, type LayerNormOptions, layerNorm } from './layers/layer-norm.ts';
export { maxPool } from './layers/max-pool.ts';
export { padChannels } from './layers/pad-channels.ts';
export type { Padding } from './layers/padding.ts';
export { initPatchEmbedding, type PatchEmbeddingParams, patchEmbedding } from './layers/patch-embedding.ts';
export { shake, shakeBranches, shakeDrop } from './layers/shake.ts';
export { initSqueezeExcite, type SqueezeExciteParams, squeezeExcite } from './layers/squeeze-excite.ts';
export { type BootstrapOptions, bootstrappedCrossEntropy } from './losses/bootstrapped-cross-entropy.ts';
export { type CalibrationOptions, calibrationError, calibrationGaps } from './losses/calibration.ts';
export type { LabelOptions } from './losses/label-options.ts';
export { entryWeight, labelWeight } from './losses/label-weight.ts';
export { accuracy, errorRate } from './losses/metrics.ts';
export { type HuberOptions, huberLoss, meanSquaredError, type RegressionOptions } from './losses/regression.ts';
export { type SigmoidCrossEntropyOptions, sigmoidCrossEntropy } from './losses/sigmoid-cross-entropy.ts';
export { type CrossEntropyOptions, logSoftmax, softmaxCrossEntropy } from './losses/softmax-cross-entropy.ts';
export { topKAccuracy } from './losses/top-k.ts';
export { type CifarResNetOptions, cifarResNet } from './networks/cifar-resnet.ts';
export {
  type EfficientNet,
  type EfficientNetOptions,
  type EfficientNetParams,
  type EfficientNetState,
  efficientNet,
} from './networks/efficient-net.ts';
export { efficientNetNames } from './networks/efficient-net-names.ts';
export {
  type EfficientNetScale,
  type EfficientNetVariant,
  efficientNetScales,
} from './networks/efficient-net-scale.ts';
export { frozenStatistics } from './networks/frozen-statistics.ts';
export type { MBConvParams, MBConvState } from './networks/mb-conv.ts';
export { type Mlp, type MlpOptions, type MlpParams, mlp } from './networks/mlp.ts';
export {
  type MixerBlockParams,
  type MixerSize,
  type MlpMixer,
  type MlpMixerOptions,
  type MlpMixerParams,
  mlpMixer,
} from './networks/mlp-mixer.ts';
export { mlpMixerNames } from './networks/mlp-mixer-names.ts';
export type { ApplyOptions, Model } from './networks/model.ts';
export type { PyramidParams, PyramidState } from './networks/pyramid-block.ts';
export {
  type PyramidNet,
  type PyramidNetOptions,
  type PyramidNetParams,
  type PyramidNetState,
  pyramidNet,
} from './networks/pyramid-net.ts';
export type { ResidualParams, ResidualState } from './networks/residual-block.ts';
export {
  type ResNet,
  type ResNetDepth,
  type ResNetOptions,
  type ResNetParams,
  type ResNetState,
  resNet,
} from './networks/resnet.ts';
export { resNetNames } from './networks/resnet-names.ts';
export type { BranchParams, BranchState, ShakeParams, ShakeState } from './networks/shake-block.ts';
export {
  type ShakeShake,
  type ShakeShakeOptions,
  type ShakeShakeParams,
  type ShakeShakeState,
  shakeShake,
} from './networks/shake-shake.ts';
export {
  type SmallCnn,
  type SmallCnnOptions,
  type SmallCnnParams,
  type SmallCnnState,
  smallCnn,
} from './networks/small-cnn.ts';
export type { Stages } from './networks/stages.ts';
export { syncBatchNorm } from './networks/sync-batch-norm.ts';
export type { MlpBlockParams, TransformerBlockParams } from './networks/transformer-block.ts';
export {
  type TransformerSize,
  type VisionTransformer,
  type VisionTransformerOptions,
  type VisionTransformerParams,
  visionTransformer,
} from './networks/vision-transformer.ts';
export { visionTransformerNames } from './networks/vision-transformer-names.ts';
export type { BlockParams, BlockState } from './networks/wide-block.ts';
export {
  type WideResNet,
  type WideResNetOptions,
  type WideResNetParams,
  type WideResNetState,
  wideResNet,
} from './networks/wide-resnet.ts';
export { type WideResNetSize, wideResNetSize } from './networks/wide-resnet-size.ts';
export { exportSafetensors } from './weights/export-safetensors.ts';
export { type LoadOptions, loadSafetensors } from './weights/load-safetensors.ts';
export type { WeightLayout, WeightName } from './weights/names.ts';
export type { Weights } from './weights/placed.ts';
