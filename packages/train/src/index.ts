export type { Batches } from './batches-of.ts';
export { checkSkips } from './check-skips.ts';
export { type EvaluateOptions, evaluate, type Measured } from './evaluate.ts';
export type { ModelLoss, ModelLossOfOutputs } from './model-loss.ts';
export { type ReadReport, readReport } from './read-report.ts';
export { type Numbers, readScalars } from './read-scalars.ts';
export { parseRecord, printRecord } from './record-json.ts';
export type { RedoOptions } from './redo-step.ts';
export { type Plateau, type PlateauOptions, type PlateauState, reduceOnPlateau } from './reduce-on-plateau.ts';
export { reestimateState } from './reestimate-state.ts';
export { type Replayed, replayed } from './replayed.ts';
export type { CaptureOptions } from './replaying.ts';
export {
  type ChangeRecord,
  changeRecord,
  type EvaluationRecord,
  evaluationRecord,
  type RunRecord,
  type StepRecord,
  stepRecord,
} from './run-record.ts';
export { type StepEvent, type TrainOptions, train } from './train.ts';
export { type Position, type StepReport, type TrainStep, trainStep } from './train-step.ts';
export type { Watch } from './watch-gradients.ts';
