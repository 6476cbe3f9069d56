import type { Tree } from '@steppe/tree';
import type { Pass } from '../examples.ts';
import { overDraws } from '../measures/draws.ts';
import { type Figure, figureOver } from '../measures/figure.ts';
import { type Mean, meanOf } from '../measures/mean.ts';

/** A figure at some weights, and for each level of a change of them in the mean over draws. */
export type FigureCurve = {
  readonly value: number;
  readonly points: readonly (Mean & { readonly level: number; readonly change: number })[];
  readonly losses: number;
};

/**
 * Measures a figure before and after changes of the weights.
 *
 * @param changed - The weights at a level, for one of the draws; they are freed.
 */
export async function figureCurve<P extends Tree, Batch extends Tree>(
  figure: Figure<P, Batch>,
  pass: Pass<Batch>,
  params: P,
  { levels, draws }: { readonly levels: readonly number[]; readonly draws: number },
  changed: (level: number, draw: number) => P,
): Promise<FigureCurve> {
  const at = (w: P) => figureOver(figure, pass, w);
  const value = await at(params);
  const points: FigureCurve['points'][number][] = [];
  for (const level of levels) {
    const mean = meanOf(await overDraws(draws, (draw) => changed(level, draw), at));
    points.push({ level, ...mean, change: mean.value - value });
  }
  return { value, points, losses: 1 + levels.length * draws };
}
