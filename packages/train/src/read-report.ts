import { checkReport, checkScalar, checkScalars } from './check-scalars.ts';
import { type Numbers, readScalars } from './read-scalars.ts';
import type { StepReport } from './train-step.ts';

/** A step's report on the host: numbers where `StepReport` has scalars. */
export type ReadReport = { readonly loss: number; readonly metrics: Numbers; readonly report: Numbers };

/**
 * Reads a step's report back to the host, all in one transfer.
 *
 * @throws When the loss, a metric or what a link reports is no scalar or already freed, by its name.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { readReport } from '@steppe/train';
 *
 * const read = await readReport({ loss: tf.scalar(2), metrics: { errorRate: tf.scalar(0.5) }, report: { rho: tf.scalar(0.25) } });
 * console.log(read); // => { loss: 2, metrics: { errorRate: 0.5 }, report: { rho: 0.25 } }
 * ```
 */
export async function readReport(of: Omit<StepReport, 'gradients'>): Promise<ReadReport> {
  checkReport(of, []);
  const { loss, metrics, report } = of;
  checkScalar('The loss', loss);
  checkScalars('metric', metrics);
  checkScalars('report', report);
  const under = (prefix: string, scalars: StepReport['metrics']) =>
    Object.entries(scalars).map(([name, scalar]) => [prefix + name, scalar] as const);
  const read = await readScalars(Object.fromEntries([['loss', loss], ...under('m.', metrics), ...under('r.', report)]));
  const named = (prefix: string): Numbers =>
    Object.fromEntries(
      Object.entries(read).flatMap(([name, value]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
      ),
    );
  return { loss: read.loss as number, metrics: named('m.'), report: named('r.') };
}
