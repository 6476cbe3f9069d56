import type { Uniform } from './program.ts';

/** An axis that is walked along: how many steps, and how far each goes in each of some tensors. */
export type Axis = { readonly side: number; readonly steps: readonly number[] };

/** WGSL that walks along axes, and the numbers that it needs. */
export type Walk = { readonly uniforms: readonly Uniform[]; readonly code: string };

/** Axes along which all go on alike as one; those of one step left out. */
export function merged(axes: readonly Axis[]): readonly Axis[] {
  const kept: Axis[] = [];
  for (const axis of axes) {
    const last = kept.at(-1);
    if (axis.side === 1) continue;
    if (last?.steps.every((step, i) => step === (axis.steps[i] as number) * axis.side))
      kept[kept.length - 1] = { side: last.side * axis.side, steps: axis.steps };
    else kept.push(axis);
  }
  return kept;
}

/**
 * WGSL that adds to the variables `to` where entry `rest`, which it counts down, lies along axes.
 *
 * @param name - Tells its numbers apart from those of other walks.
 */
export function walk(name: string, axes: readonly Axis[], to: readonly string[], rest: string): Walk {
  const add = (k: number, at: string): string =>
    to.map((place) => `${place} += (${at}) * uniforms.${name}_${place}${k};`).join(' ');
  const code = axes
    .map((_, k) =>
      k ? `${add(k, `${rest} % uniforms.${name}_side${k}`)} ${rest} /= uniforms.${name}_side${k};` : add(0, rest),
    )
    .reverse()
    .join(' ');
  const uniforms = axes.flatMap(({ side, steps }, k): Uniform[] => [
    [`${name}_side${k}`, 'i32', side],
    ...to.map((place, i): Uniform => [`${name}_${place}${k}`, 'i32', steps[i] as number]),
  ]);
  return { uniforms, code };
}
