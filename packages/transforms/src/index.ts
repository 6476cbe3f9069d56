export type { Adaptive } from './adaptive.ts';
export { addDecayedWeights } from './add-decayed-weights.ts';
export { adabelief, adam, adamw, lamb, lion, momentum, rmsprop, sam, sgd } from './aliases.ts';
export { applyUpdates } from './apply-updates.ts';
export { type AverageOptions, type AverageState, averageWeights } from './average-weights.ts';
export { type ChainState, chain } from './chain.ts';
export { clipByGlobalNorm } from './clip-by-global-norm.ts';
export { clipByValue } from './clip-by-value.ts';
export type {
  Evaluation,
  GradientFn,
  GradientTransformation,
  HessianProduct,
  Report,
  Schedule,
} from './contract.ts';
export type { Count } from './counted.ts';
export { displaceBy } from './displace-by.ts';
export { dualExponent, dualNorm, epsilonHat } from './epsilon-hat.ts';
export { epsilonHatDerivative } from './epsilon-hat-derivative.ts';
export { type LinkTraits, stateful, stateless } from './lift.ts';
export { masked } from './masked.ts';
export { microBatch } from './micro-batch.ts';
export type { AdamOptions, AdamState } from './moments.ts';
export { type Group, type PartitionState, partition } from './partition.ts';
export { perturbBy } from './perturb-by.ts';
export { projectOntoBall } from './project-onto-ball.ts';
export { type EntropySgdOptions, entropySgd } from './relatives/entropy-sgd.ts';
export { type EsamOptions, esam } from './relatives/esam.ts';
export { type FriendlySamOptions, friendlySam } from './relatives/friendly-sam.ts';
export { gsam, rhoFromLearningRate } from './relatives/gsam.ts';
export { type IntervalState, interval } from './relatives/interval.ts';
export { type LookSamState, lookSam } from './relatives/look-sam.ts';
export { type LookaheadState, lookahead } from './relatives/lookahead.ts';
export type { MeanGradientState } from './relatives/mean-gradient.ts';
export { momentumSam } from './relatives/momentum-sam.ts';
export { type RandomState, random } from './relatives/random.ts';
export { usam } from './relatives/usam.ts';
export { vasso } from './relatives/vasso.ts';
export { type DecoupledWsamState, decoupledWsam, wsam } from './relatives/wsam.ts';
export { slerp, type XsamOptions, type XsamState, xsam } from './relatives/xsam.ts';
export { type SamOptions, samTransform } from './sam-transform.ts';
export { scale, scaleBySchedule } from './scale.ts';
export { scaleByAdam } from './scale-by-adam.ts';
export { scaleByBelief } from './scale-by-belief.ts';
export { type LionState, scaleByLion } from './scale-by-lion.ts';
export { type RmsState, scaleByRms } from './scale-by-rms.ts';
export { scaleByTrustRatio } from './scale-by-trust-ratio.ts';
export { constant, cosineDecay, join, linear, piecewise, warmup } from './schedules.ts';
export type { Select } from './select.ts';
export { type SkipState, skipNonFinite } from './skip-non-finite.ts';
export { type TraceState, trace } from './trace.ts';
export { transformation } from './transformation.ts';
export { withClean } from './with-clean.ts';
