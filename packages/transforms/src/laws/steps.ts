import type { Tree } from '@steppe/tree';
import { applyUpdates } from '../optimizers/apply-updates.ts';
import type { Case, LawLink } from './law.ts';
import { gradient } from './problem.ts';
import { expectSame, flat, type Seen, seen } from './seen.ts';

/** What comes out of some updates in a row, each as lines. */
export type Steps = readonly { readonly evaluation: Seen; readonly report: Seen; readonly state: Seen }[];

/** Two steps at least, so that states that are not initial count too. */
export async function steps(link: LawLink, { params, batch }: Case, count = 2): Promise<Steps> {
  const found = [];
  let [w, state]: [Tree, Tree] = [params, link.init(params)];
  for (let step = 0; step < count; step++) {
    const [{ grads, value, aux, report }, next] = link.update(gradient, state, w, batch);
    found.push({
      evaluation: await seen({ grads, value, aux }),
      report: await seen(report),
      state: await flat(next),
    });
    [w, state] = [applyUpdates(w, grads), next];
  }
  return found;
}

/** Refuses steps that differ; those of another chain may differ in how their states nest. */
export function expectSameSteps(what: string, got: Steps, expected: Steps): void {
  for (const [i, step] of expected.entries()) {
    const at = got[i];
    expectSame(`${what}, at step ${i} the evaluation`, at?.evaluation ?? [], step.evaluation);
    expectSame(`${what}, at step ${i} the report`, at?.report ?? [], step.report);
    expectSame(`${what}, at step ${i} the state`, at?.state ?? [], step.state);
  }
}
