import { type Outcome, onBackend, outcomeOf } from '../outcome.ts';
import { draw, type Program } from './draw.ts';
import { type Expected, expectedOf } from './expected.ts';
import { flushed, flushes } from './flush.ts';
import { lay } from './guards.ts';
import { type Fault, judge } from './judge.ts';
import { ops } from './ops/index.ts';
import { programCode } from './program.ts';
import { Undecided } from './references/array.ts';
import { run } from './run.ts';

/** A random program that came out wrong on a backend. */
export type Finding = Fault & {
  /** Which operation's program it is, by its name in `sweepOps()`. */
  readonly op: string;
  /** Which one of its operation's programs it is: `from` of it and one case draw it again. */
  readonly number: number;
  /** Whether its gradient was taken. */
  readonly gradient: boolean;
  /** The program as code. */
  readonly code: string;
};

/** Says which programs are drawn. */
export type SweepOptions = {
  /** Tells one sequence of programs from another. @defaultValue 1 */
  readonly seed?: number;
  /** How many programs of each operation. @defaultValue 10 */
  readonly cases?: number;
  /** The operations. @defaultValue all of `sweepOps(gradients)` */
  readonly ops?: readonly string[];
  /** Whether gradients are taken, in place of values. @defaultValue false */
  readonly gradients?: boolean;
  /** The number of the first program of each operation. @defaultValue 0 */
  readonly from?: number;
  /** Sees each program before it runs: the last one seen is the one that hangs or takes the process down. */
  readonly onProgram?: (program: { readonly name: string; readonly number: number; readonly code: string }) => void;
  /** Sees each finding as soon as it is known. */
  readonly onFinding?: (finding: Finding) => void;
};

/**
 * Names the operations of which `sweep` makes programs, or those of them that have a gradient.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import { sweepOps } from '@steppe/conformance';
 *
 * console.log(sweepOps().includes('argMax'), sweepOps(true).includes('argMax')); // => true false
 * ```
 */
export const sweepOps = (gradients = false): readonly string[] =>
  Object.entries(ops)
    .filter(([, { gradient }]) => !gradients || gradient !== false)
    .map(([name]) => name);

const asCase = (program: Program) => ({ name: program.name, tolerance: 0, run: () => run(program) });

async function expectation(program: Program): Promise<readonly Expected[] | undefined> {
  const known = expectedOf(program);
  if (known) return known;
  const outcome = await onBackend('cpu', () => outcomeOf(asCase(program)));
  return 'thrown' in outcome
    ? undefined
    : outcome.tensors.map((read) => ({ ...read, values: [...(read.values as number[])] }));
}

async function guarded(program: Program): Promise<Outcome | 'corrupted'> {
  const guards = lay();
  const outcome = await outcomeOf(asCase(program));
  // What a device rejects is thrown again by all that comes after.
  const whole = await guards.whole().catch((error) => {
    if ('thrown' in outcome) return true;
    throw error;
  });
  guards.dispose();
  return whole ? outcome : 'corrupted';
}

async function faultOf(backend: string, program: Program): Promise<Fault | undefined> {
  try {
    const expected = await expectation(program);
    if (!expected) return undefined;
    const outcome = await onBackend(backend, () => guarded(program));
    if (outcome === 'corrupted') return { kind: 'corrupts', what: 'writes beside its tensors' };
    return judge(program, outcome, expected);
  } catch (error) {
    if (error instanceof Undecided) return undefined;
    throw error;
  }
}

/**
 * Runs random programs on a backend and gives those that come out wrong.
 *
 * A program is one operation on random arguments: sides of 0 and 1, several examples, strides beyond the window, windows
 * beyond the image, dilations, paddings with their rounding, axes from the back, broadcasting at different ranks, whole
 * numbers and booleans; its numbers have NaN, infinities, -0 and magnitudes from 1e-38 to 1e38 among them. What is right
 * comes from the operation's definition in float64, gradients (by `valueAndGrad`, of smooth numbers) from central
 * differences of it; from the JavaScript backend for the few operations that have no definition here. Tensors
 * that a program leaves behind, and writes beside its own, are findings too. A program that tfjs refuses on both sides
 * is none. Where a backend takes numbers below the least normal float32 for 0, as WGSL lets a driver do, programs get
 * 0 in their place.
 *
 * A seed gives the same programs for ever. What hangs or ends the process ends the sweep: the command
 * `tools/conformance/sweep.mjs` runs one in processes of its own.
 *
 * @param backend - The name under which tfjs knows it.
 * @throws When tfjs does not know the backend or cannot start it, or an operation is not one of `sweepOps`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import { useBackend } from '@steppe/backends';
 * import { sweep } from '@steppe/conformance';
 *
 * await useBackend('wasm');
 * console.log(await sweep('wasm', { ops: ['matMul', 'softmax'], cases: 5, gradients: true })); // => []
 * ```
 */
export async function sweep(
  backend: string,
  {
    seed = 1,
    cases = 10,
    gradients = false,
    ops: only = sweepOps(gradients),
    from = 0,
    onProgram,
    onFinding,
  }: SweepOptions = {},
): Promise<readonly Finding[]> {
  const known = sweepOps(gradients);
  for (const name of only)
    if (!known.includes(name))
      throw new Error(
        `No ${gradients ? 'gradients' : 'programs'} of "${name}": the operations are ${known.join(', ')}.`,
      );
  const findings: Finding[] = [];
  const flushing = await onBackend(backend, flushes);
  for (const name of only)
    for (let number = from; number < from + cases; number++) {
      const drawn = draw(seed, name, number, gradients);
      const program = flushing ? flushed(drawn) : drawn;
      onProgram?.({ name, number, code: programCode(program) });
      const fault = await faultOf(backend, program);
      if (!fault) continue;
      const finding = { ...fault, op: name, number, gradient: gradients, code: programCode(program) };
      findings.push(finding);
      onFinding?.(finding);
    }
  return findings;
}
