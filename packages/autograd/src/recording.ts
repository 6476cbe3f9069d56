import type * as tf from '@tensorflow/tfjs-core';
import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { adoptCustomGradient, type Keeper } from './custom-gradients.ts';
import { forgiveDivision } from './div-no-nan.ts';
import type { Pullback } from './rule.ts';

/** One recorded operation of tfjs's tape. */
export type TapeNode = ReturnType<typeof tf.engine>['state']['activeTape'][number];

/** One time that a gradient rule ran while its tape was being recorded: a sweep inside the recording, by us or by
 * tfjs. */
export type RuleRun = {
  readonly node: TapeNode;
  /** The ids of the gradients that it got, and of those that it gave. */
  readonly given: readonly number[];
  readonly made: readonly number[];
};

/** Notes when the rule of an operation runs inside the recording. */
function noteRuns(node: TapeNode, runs: RuleRun[]): void {
  const { gradient } = node;
  if (gradient === undefined) return;
  node.gradient = (dys) => {
    const rules = gradient(dys);
    if (engine().state.gradientDepth === 0) return rules;
    const made: number[] = [];
    // tfjs passes nothing for an output that does not lead to y.
    runs.push({ node, given: (dys as readonly (Tensor | undefined)[]).flatMap((dy) => dy?.id ?? []), made });
    const noted = (make: () => Tensor) => (): Tensor => {
      const dx = make();
      made.push(dx.id);
      return dx;
    };
    const noting = Object.entries<Pullback>(rules).map(([name, rule]) => {
      const { recorded } = rule;
      return [name, Object.assign(noted(rule), recorded && { recorded: noted(recorded) })] as const;
    });
    return Object.fromEntries(noting);
  };
}

/** Where an operation belongs on a tape that ends with the copies that it saved: before those of its outputs. */
function placeOf(tape: readonly TapeNode[], { outputs, saved = [] }: TapeNode): number {
  if (saved.length === 0) return tape.length;
  const [made, copies] = [new Set(outputs.map(({ id }) => id)), new Set(saved.map(({ id }) => id))];
  let place = tape.length;
  for (let i = tape.length - 1; tape[i]?.outputs.some(({ id }) => copies.has(id)); i--)
    if (Object.values(tape[i]?.inputs ?? {}).some(({ id }) => made.has(id))) place = i;
  return place;
}

/** What is known of a tape beside its operations. */
type Notes = {
  /** The runs so far, which grow with the tape. */
  readonly runs: readonly RuleRun[];
  readonly keeper: Keeper;
};

const recordings = new WeakMap<readonly TapeNode[], Notes>();

/**
 * Makes a tape of tfjs one that can be differentiated again: every tensor is made before it is used, and runs of
 * gradient rules are noted.
 *
 * tfjs records the copies that a gradient rule saves just before the operation itself. For a saved *output* that is
 * before the output exists, and a walk in recording order takes the copy for a constant: that is why tfjs's own second
 * derivatives of exp, tanh, softmax and many more are silently wrong (tensorflow/tfjs#3252). On a watched tape they are
 * exact, whoever walks it.
 *
 * @param xs - What is being differentiated by; the active scope must stay open until the sweep is over.
 */
export function watch(tape: TapeNode[], xs: readonly Tensor[]): Notes {
  const known = recordings.get(tape);
  const { state } = engine();
  if (known !== undefined) {
    // A tape that tfjs began may be watched by one sweep after another.
    if (!state.scopeStack.includes(known.keeper.scope)) known.keeper.scope = state.activeScope;
    return known;
  }
  const runs: RuleRun[] = [];
  const newest = Math.max(-1, ...xs.map(({ id }) => id));
  const keeper: Keeper = { scope: state.activeScope, held: new Set(), newest };
  const place = (node: TapeNode): void => {
    noteRuns(node, runs);
    tape.splice(placeOf(tape, node), 0, node);
  };
  const push = (...nodes: TapeNode[]): number => {
    for (const node of nodes) {
      adoptCustomGradient(node, keeper);
      forgiveDivision(node);
      place(node);
    }
    return tape.length;
  };
  Object.defineProperty(tape, 'push', { value: push });
  const notes = { runs, keeper };
  recordings.set(tape, notes);
  for (const node of tape.splice(0)) place(node);
  return notes;
}
