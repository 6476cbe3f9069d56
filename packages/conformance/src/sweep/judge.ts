import type { Outcome } from '../outcome.ts';
import type { Program } from './draw.ts';
import { type Expected, givesNothing } from './expected.ts';

/** What is wrong with a program's outcome. */
export type Fault = {
  readonly kind: 'refuses' | 'throws' | 'shape' | 'values' | 'leaks' | 'corrupts' | 'hangs' | 'crashes';
  readonly what: string;
};

/** How an operation is refused in words that help. */
const refusal = /not registered for backend|does not fit into|has no gradient: write it|NHWC images only/;

/** Below the least normal float32, a number may be zero. */
const least = 2 ** -126;

const shown = (values: readonly (number | undefined)[]): string => {
  const list = values
    .slice(0, 24)
    .map((v) => (v === undefined ? '_' : Number.isInteger(v) ? v : Number(v.toPrecision(6))));
  return `[${list.join(', ')}${values.length > 24 ? ', ...' : ''}]`;
};

const description = ({ dtype, shape }: { dtype: string; shape: readonly number[] }): string => `${dtype} [${shape}]`;

const magnitude = (v: number | undefined): number => (v !== undefined && Math.abs(v) < Infinity ? Math.abs(v) : 0);

/** Judges what a program came to by what is right. */
export function judge(program: Program, outcome: Outcome, expected: readonly Expected[]): Fault | undefined {
  if ('thrown' in outcome) {
    const refused = refusal.test(outcome.thrown) || (program.op.windows && givesNothing(program));
    return { kind: refused ? 'refuses' : 'throws', what: outcome.thrown };
  }
  const { tensors } = outcome;
  if (tensors.length !== expected.length)
    return { kind: 'shape', what: `${tensors.length} tensors in place of ${expected.length}` };
  const tolerance = program.gradient ? 1e-3 : (program.op.tolerance ?? 1e-5);
  const byTensor = program.gradient || program.op.error === 'tensor';
  for (const [i, want] of expected.entries()) {
    const got = tensors.find(({ path }) => path === want.path) ?? tensors[i];
    if (!got || description(got) !== description(want))
      return { kind: 'shape', what: `${got ? description(got) : 'nothing'} in place of ${description(want)}` };
    const all = byTensor
      ? want.values.reduce<number>((most, v) => Math.max(most, magnitude(v)), program.gradient ? 1e-2 : 0)
      : 0;
    for (const [k, b] of want.values.entries()) {
      const a = got.values[k] as number;
      if (b === undefined || a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
      if (
        Math.abs(a - b) <= tolerance * Math.max(all, Math.abs(b)) + (program.op.floor ?? least) &&
        Math.abs(b) < Infinity
      )
        continue;
      // The last of the finite numbers: rounding decides.
      if (Math.abs(a) > 3.4e38 && Math.abs(b) > 3.4e38 && a > 0 === b > 0) continue;
      const at = want.path ? ` at ${want.path}` : '';
      return {
        kind: 'values',
        what: `entry ${k}${at} is ${a} in place of ${b}: got ${shown([...(got.values as number[])])} expected ${shown(want.values)}`,
      };
    }
  }
  if (outcome.leaked !== 0) return { kind: 'leaks', what: `leaves ${outcome.leaked} tensors or data behind` };
  return undefined;
}
