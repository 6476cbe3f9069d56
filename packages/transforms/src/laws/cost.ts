import { size, type Tree } from '@steppe/tree';
import { gradientsOver } from '../links/cost.ts';
import { counting } from './counting.ts';
import { type Law, law } from './law.ts';
import { batchOf, gradient } from './problem.ts';
import { plain } from './seen.ts';

/** Every period of at most 4 divides it, and 6. */
const STEPS = 12;

/** A multiple of every period up to 12, and so long that a start of its own hardly counts. */
const LONG_RUN = 27_720;

/** Halves, fifths and tenths of it are whole examples, of which `esam` takes a share. */
const EXAMPLES = 20;

/** Costs: what an update evaluates, step by step and in the mean, a Hessian product counting 2. */
export const costsWhatItSays: Law = law(
  'costs as many gradients of the batch at each step as it says, and its mean in a long run',
  async ({ link, params }) => {
    // Without weights a link may spare what has no effect, as `partition` does.
    if (size(params) === 0) return;
    const batch = batchOf(Array.from({ length: EXAMPLES }, (_, i) => (i % 7) / 2 - 1));
    const counted = counting(gradient);
    let state: Tree = link.init(params);
    // What decides how much is evaluated is plain data of the state: once it comes again, so does the cost.
    const known = new Set<string>();
    for (let step = 0; step < STEPS && (link.costAt !== undefined || step < 2 || !known.has(plain(state))); step++) {
      known.add(plain(state));
      state = link.update(counted.gradient, state, params, batch)[1];
      const [evaluated, said] = [counted.examples() / EXAMPLES, gradientsOver(link, step + 1)];
      if (Math.abs(evaluated - said) > 1e-9)
        throw new Error(
          `its first updates, ${step + 1} of them, evaluate ${evaluated} gradients of the batch, its gradientCost and costAt say ${said}`,
        );
    }
    const mean = gradientsOver(link, LONG_RUN) / LONG_RUN;
    if (Math.abs(mean - link.gradientCost) > 0.005)
      throw new Error(`its gradientCost is ${link.gradientCost}, the mean of costAt in a long run ${mean}`);
  },
);
