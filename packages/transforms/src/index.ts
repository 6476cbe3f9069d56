export type {
  Evaluation,
  Functional,
  GradientFn,
  GradientTransformation,
  HessianProduct,
  Product,
  Report,
  Schedule,
  Select,
  StepBatch,
} from './contract.ts';
export { accumulate } from './links/accumulate.ts';
export { addDecayedWeights } from './links/add-decayed-weights.ts';
export type { AuxRule, AuxRules } from './links/aux-rules.ts';
export { centralize } from './links/centralize.ts';
export { type ChainState, chain } from './links/chain.ts';
export { checkState } from './links/check-state.ts';
export { clipByGlobalNorm } from './links/clip-by-global-norm.ts';
export { clipByValue } from './links/clip-by-value.ts';
export { gradientsOver } from './links/cost.ts';
export type { Count } from './links/counted.ts';
export { displaceBy } from './links/displace-by.ts';
export { countExamples, isTogether } from './links/examples.ts';
export { firstExamples } from './links/first-examples.ts';
export { freeze } from './links/freeze.ts';
export { inPrecision } from './links/in-precision.ts';
export { type LinkTraits, stateful, stateless } from './links/lift.ts';
export { masked } from './links/masked.ts';
export { microBatch } from './links/micro-batch.ts';
export { type Group, type PartitionState, partition } from './links/partition.ts';
export { perturbBy } from './links/perturb-by.ts';
export { scale, scaleBySchedule } from './links/scale.ts';
export { type SkipOptions, type SkipState, skipNonFinite } from './links/skip-non-finite.ts';
export type { SliceOptions } from './links/slice-options.ts';
export { textOf } from './links/text-of.ts';
export { together } from './links/together.ts';
export { transformation } from './links/transformation.ts';
export { withClean } from './links/with-clean.ts';
export { adabelief, adam, adamw, amsgrad, lamb, lion, momentum, rmsprop, sam, sgd } from './optimizers/aliases.ts';
export { applyUpdates } from './optimizers/apply-updates.ts';
export { type AverageOptions, type AverageState, averageWeights } from './optimizers/average-weights.ts';
export type { AdamOptions, AdamState } from './optimizers/moments.ts';
export { type MuonOptions, type MuonState, muon } from './optimizers/muon.ts';
export { orthogonalize } from './optimizers/orthogonalize.ts';
export { type PolyakOptions, polyak } from './optimizers/polyak.ts';
export { type ProdigyOptions, type ProdigyState, prodigy } from './optimizers/prodigy.ts';
export { type LengthState, scaleByAdagradNorm } from './optimizers/scale-by-adagrad-norm.ts';
export { scaleByAdam } from './optimizers/scale-by-adam.ts';
export { type AmsgradOptions, type AmsgradState, scaleByAmsgrad } from './optimizers/scale-by-amsgrad.ts';
export { scaleByBelief } from './optimizers/scale-by-belief.ts';
export { type LionState, scaleByLion } from './optimizers/scale-by-lion.ts';
export { type ScaleByMuonOptions, type ScaleByMuonState, scaleByMuon } from './optimizers/scale-by-muon.ts';
export { type RmsState, scaleByRms } from './optimizers/scale-by-rms.ts';
export { type ScaleByShapeOptions, scaleByShape } from './optimizers/scale-by-shape.ts';
export { scaleByTrustRatio } from './optimizers/scale-by-trust-ratio.ts';
export {
  type ScheduleFreeOptions,
  type ScheduleFreeState,
  scheduleFree,
  scheduleFreeWeights,
} from './optimizers/schedule-free.ts';
export { type TraceState, trace } from './optimizers/trace.ts';
export { type AfterState, after, type DuringState, during } from './relatives/after.ts';
export { asyncSam, type LastGradientState } from './relatives/async-sam.ts';
export { type BsamOptions, type BsamState, bsam } from './relatives/bsam.ts';
export { type CrSamOptions, crSam } from './relatives/cr-sam.ts';
export {
  type EigenCorrectedSamOptions,
  type EigenCorrectedSamState,
  eigenCorrectedSam,
} from './relatives/eigen-corrected-sam.ts';
export { type EigenSamOptions, type EigenSamState, eigenSam } from './relatives/eigen-sam.ts';

export { type EntropySgdOptions, entropySgd } from './relatives/entropy-sgd.ts';
export { type EsamOptions, esam } from './relatives/esam.ts';
export { type FriendlySamOptions, friendlySam } from './relatives/friendly-sam.ts';
export { functionalSam } from './relatives/functional-sam.ts';
export { gam } from './relatives/gam.ts';
export { gsam } from './relatives/gsam.ts';
export { type HandOverState, handOver } from './relatives/hand-over.ts';
export { type IntervalState, interval } from './relatives/interval.ts';
export { lateSam } from './relatives/late-sam.ts';
export { lightSam } from './relatives/light-sam.ts';
export { type LookSamState, lookSam } from './relatives/look-sam.ts';
export { type LookaheadState, lookahead } from './relatives/lookahead.ts';
export { lossBudgetSam } from './relatives/loss-budget-sam.ts';
export type { MeanGradientState } from './relatives/mean-gradient.ts';
export { momentumSam } from './relatives/momentum-sam.ts';
export { type FilterNoise, type RandomState, random } from './relatives/random.ts';
export { renormalized } from './relatives/renormalized.ts';
export { type Both, type SampaOptions, type SampaState, sampa } from './relatives/sampa.ts';
export { samplePosterior } from './relatives/sample-posterior.ts';
export { saner } from './relatives/saner.ts';
export { type SasshaOptions, type SasshaState, sassha } from './relatives/sassha.ts';
export type { EigenvectorOptions, TopEigenvector } from './relatives/top-eigenvector.ts';
export { unifiedSam } from './relatives/unified-sam.ts';
export { usam } from './relatives/usam.ts';
export { vasso } from './relatives/vasso.ts';
export { type DecoupledWsamState, decoupledWsam, wsam } from './relatives/wsam.ts';
export { slerp, type XsamOptions, type XsamState, xsam } from './relatives/xsam.ts';
export { zSharp } from './relatives/z-sharp.ts';
export type { Adaptive } from './sam/adaptive.ts';
export type { GroupRadii, Radius } from './sam/ball.ts';
export { byGroup, type RadiusOfGroup } from './sam/by-group.ts';
export { comparableRadius, longestPerturbation } from './sam/comparable-radius.ts';
export { dualNorm, epsilonHat } from './sam/epsilon-hat.ts';
export { epsilonHatDerivative } from './sam/epsilon-hat-derivative.ts';
export { dualExponent } from './sam/norm-exponent.ts';
export { projectOntoBall } from './sam/project-onto-ball.ts';
export { type SamOptions, samTransform } from './sam/sam-transform.ts';
export { constant, cosineDecay, linear, polynomial, warmup } from './schedules/decay.ts';
export { join, piecewise } from './schedules/join.ts';
export { rhoFromLearningRate } from './schedules/rho-from-learning-rate.ts';
export { type StableOptions, warmupStableDecay } from './schedules/warmup-stable-decay.ts';
export { withWarmup } from './schedules/with-warmup.ts';
