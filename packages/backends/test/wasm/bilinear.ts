import { expect } from 'vitest';
import { inner, type Plain, plus, runKernel } from '../support.ts';

/** The inputs of a convolution, a gradient of its output, and directions to move the inputs in. */
export type Drawn = Readonly<Record<'x' | 'filter' | 'dy' | 'along' | 'across', Plain>>;

/**
 * Expects a convolution's gradient kernels on WASM to be the finite differences of the CPU's convolution, which are
 * exact for a bilinear function.
 */
export async function expectFiniteDifferences(
  name: string,
  { x, filter, dy, along, across }: Drawn,
  attributes: object,
): Promise<void> {
  const gradient = (which: string, inputs: Readonly<Record<string, Plain>>, shape: object): Promise<Plain> =>
    runKernel('wasm', `${name}Backprop${which}`, inputs, { ...attributes, ...shape });
  const dx = await gradient('Input', { dy, filter }, { inputShape: x.shape });
  const dw = await gradient('Filter', { x, dy }, { filterShape: filter.shape });
  const loss = async (at: Plain, weights: Plain): Promise<number> =>
    inner(await runKernel('cpu', name, { x: at, filter: weights }, attributes), dy);
  const byInput = ((await loss(plus(x, along), filter)) - (await loss(plus(x, along, -1), filter))) / 2;
  const byFilter = ((await loss(x, plus(filter, across))) - (await loss(x, plus(filter, across, -1)))) / 2;
  const size =
    Math.hypot(...dy.values) *
    Math.hypot(...x.values, ...along.values) *
    Math.hypot(...filter.values, ...across.values);
  expect(Math.abs(inner(dx, along) - byInput)).toBeLessThanOrEqual(1e-5 * (size + 1));
  expect(Math.abs(inner(dw, across) - byFilter)).toBeLessThanOrEqual(1e-5 * (size + 1));
}
