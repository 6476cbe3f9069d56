import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';

/** What this package knows of a layer: a `tf.layers.Layer`, a cell of a recurrent one, or a model inside of another. */
export type Part = {
  readonly name: string;
  readonly weights: readonly LayerVariable[];
  readonly stateful?: boolean;
  getClassName(): string;
  call(...given: unknown[]): unknown;
};

const isPart = (value: unknown): value is Part => {
  const { call, getClassName, weights } = Object(value) as { readonly [name: string]: unknown };
  return typeof call === 'function' && typeof getClassName === 'function' && Array.isArray(weights);
};

/** All layers of a model at any depth, the model first: of models in models, wrappers, recurrent cells, and of layers
 * that custom ones hold in a field. */
export function partsOf(model: LayersModel): readonly Part[] {
  const found = new Set<Part>();
  const visit = (part: Part): void => {
    if (found.has(part)) return;
    found.add(part);
    for (const value of Object.values(part).flat()) if (isPart(value)) visit(value);
  };
  if (isPart(model)) visit(model);
  return [...found];
}

/** A layer as messages call it: `"dropout_1" (Dropout)`. */
export const called = (part: Part): string => `"${part.name}" (${part.getClassName()})`;
