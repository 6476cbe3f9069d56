import type { Call } from '@steppe/transforms/parts';

/** The links of `@steppe/transforms` that look into the batch, and cannot do without it. */
const BATCH_LINKS: readonly string[] = ['accumulate', 'esam', 'firstExamples', 'microBatch'];

/** The names of all calls that made something, at any depth of links in links. */
function callsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(callsIn);
  if (typeof value !== 'object' || value === null) return [];
  const { made } = value as { readonly made?: Call };
  return made ? [made.name, ...callsIn(made.args)] : Object.values(value).flatMap(callsIn);
}

/** Refuses a transformation with a link that looks into the batch. */
export function refuseBatchLinks(optimizer: unknown): void {
  const found = callsIn(optimizer).find((name) => BATCH_LINKS.includes(name));
  if (found !== undefined)
    throw new Error(
      `${found} looks into the batch, which TensorFlow.js does not show its optimizers: train with fit(model, x, y, { optimizer }) of @steppe/layers.`,
    );
}
