import type { Estimate } from '../run/dry-run.ts';
import type { Facts } from '../run/facts.ts';
import type { Plan } from '../run/plan.ts';
import type { Summary } from '../run/summary.ts';
import type { Observer } from '../run/training.ts';
import type { Point } from './curve.ts';

/** Tells whoever watches what a command does. */
export type Reporter = {
  /** Something worth a line before or beside the run. */
  note(text: string): void;
  /** What is about to happen, the folder of its files, and what is worth a line about it. */
  begin(facts: Facts, folder: string, remarks: readonly string[]): void;
  /** A run begins, or goes on after the `points` of its curve; `stop` is called when it has ended, however it did. */
  run(plan: Plan, points?: readonly Point[]): Pick<Observer, 'onStep' | 'onEvaluation'> & { stop(): void };
  /** What the runs would take. */
  estimate(estimates: readonly Estimate[], device: string): void;
  /** What came of it, and what a fair reader must know beside. */
  end(summaries: readonly Summary[], folder: string, remarks: readonly string[]): void;
};
