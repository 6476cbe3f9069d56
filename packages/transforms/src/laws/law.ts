import { aNumber, checkOptions, count, finite } from '@steppe/check';
import type { Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { textOf } from '../links/text-of.ts';
import { checkReady } from './check-ready.ts';
import { type FastCheck, fastCheck } from './fast-check.ts';
import { corners, type Plan, plans, plant } from './plans.ts';
import { batchOf, type LawBatch, XS } from './problem.ts';

/** A link that the batch of the laws fits, as it does every link that looks into no batch. */
export type LawLink = GradientTransformation<Tree, LawBatch>;

/** How many trees of parameters a law is tried on, and which. */
export type LawOptions = {
  /** The trees; the first four are always the same: one with everything in it, a scalar, one of no size, none.
   * @defaultValue 20 */
  readonly numRuns?: number;
  /** Draws the others. @defaultValue 20101412, or that of `fc.configureGlobal` */
  readonly seed?: number;
};

/** A property of every link, with the check that a link of yours has it. */
export type Law = {
  /** A sentence whose subject is the link. */
  readonly name: string;
  /** Rejects where the link breaks the law, with the tree of parameters that it breaks it on. */
  readonly check: (link: LawLink, options?: LawOptions) => Promise<void>;
};

/** What a law looks at: the link, and parameters of one tree with a batch, which are freed behind it. */
export type Case = { readonly link: LawLink; readonly params: Tree; readonly batch: LawBatch; readonly plan: Plan };

const SEED = 20101412;

/** Runs some work and frees every tensor that it leaves, also where it waits for the device on the way. */
async function scoped(work: () => Promise<void>): Promise<void> {
  const engine = tf.engine();
  engine.startScope('laws');
  try {
    await work();
  } finally {
    engine.endScope();
  }
}

/** Whether a link takes a tree: one of chosen leaves refuses a tree that has none of them. */
export function takes(link: LawLink, plan: Plan): boolean {
  return tf.tidy(() => {
    try {
      link.init(plant(plan));
      return true;
    } catch (error) {
      if (!String(error).includes('chooses no leaf of the parameters')) throw error;
      return false;
    }
  });
}

/** What messages call a link. */
function title(link: LawLink): string {
  const text = textOf(link);
  return text === '…' ? 'The link' : text;
}

async function prove(
  fc: FastCheck,
  {
    name,
    holds,
    link,
    options,
  }: Pick<Law, 'name'> & {
    readonly holds: (at: Case) => Promise<void>;
    readonly link: LawLink;
    readonly options: LawOptions;
  },
): Promise<void> {
  const property = fc.asyncProperty(plans(fc), (plan) =>
    scoped(async () => {
      if (takes(link, plan)) await holds({ link, plan, params: plant(plan), batch: batchOf(XS) });
    }),
  );
  const { numRuns = 20, seed = fc.readConfigureGlobal().seed ?? SEED } = options;
  const result = await fc.check(property, { seed, numRuns, examples: corners.map((plan): [Plan] => [plan]) });
  if (!result.failed) return;
  const { errorInstance: cause, counterexample } = result;
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new Error(
    `${title(link)} breaks the law that a link ${name}: ${reason.replace(/\.$/, '')}. Counterexample: ${fc.stringify(counterexample?.[0])}, seed ${seed}.`,
    { cause },
  );
}

/** Makes a law of what must hold for any link and any parameters. */
export const law = (name: string, holds: (at: Case) => Promise<void>): Law => ({
  name,
  check: async (link, options = {}) => {
    checkReady(link);
    checkOptions('a law', options, { numRuns: aNumber(count), seed: aNumber(finite) });
    await prove(await fastCheck(), { name, holds, link, options });
  },
});
