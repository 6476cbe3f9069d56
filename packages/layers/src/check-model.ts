import { shown } from '@steppe/check';
import type { LayersModel, Sequential } from '@tensorflow/tfjs-layers';
import { called, type Part, partsOf } from './parts.ts';

const seedOf = (part: Part): number | undefined =>
  (part as { readonly randomGenerator?: { readonly seed?: number } }).randomGenerator?.seed;

/** Refuses layers that are no function of weights, input and chance. */
function checkParts(parts: readonly Part[]): void {
  // The innermost one: a model or wrapper of a stateful layer counts as stateful itself, and wrappers come before it.
  const stateful = parts.findLast((part) => part.stateful === true && !('layers' in part));
  if (stateful !== undefined)
    throw new Error(
      `The layer ${called(stateful)} is stateful: what it carries from batch to batch is no weight, so two passes of SAM would see two networks. Make it with stateful: false, and give it initial states as inputs.`,
    );
  const counting = parts.find((part) => seedOf(part) !== undefined);
  if (counting !== undefined)
    throw new Error(
      `The layer ${called(counting)} counts its seed up at every call, so two passes of SAM would see two networks: make it without a seed; a key draws its numbers.`,
    );
}

/**
 * Refuses what is no `tf.LayersModel` whose layers can be run as functions of their weights, and builds a sequential one
 * that is not built yet, as its own methods do.
 */
export function checkModel(model: unknown): asserts model is LayersModel {
  const { layers, weights, execute } = Object(model) as { readonly [name: string]: unknown };
  if (!Array.isArray(layers) || !Array.isArray(weights)) {
    const got = typeof execute === 'function' ? 'a tf.GraphModel, whose weights are constants' : shown(model);
    throw new Error(
      `model must be a tf.LayersModel, as tf.sequential, tf.model and tf.loadLayersModel give it, got ${got}.`,
    );
  }
  const known = model as LayersModel;
  if (!(known.inputs?.length > 0 && known.outputs?.length > 0))
    throw new Error('The model has no layers yet: add some, the first one with an inputShape.');
  if (!known.built) (known as Sequential).build();
  checkParts(partsOf(known));
}
