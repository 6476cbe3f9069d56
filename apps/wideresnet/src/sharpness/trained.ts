import type { Select } from '@steppe/transforms';
import { leaves, map, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { MeasuredLoss } from './loss.ts';

/** The leaves that were trained as a tree of their own, and the loss as a function of them: frozen ones do not move, and
 * have no part in lengths and angles. */
export function onTrained(
  loss: MeasuredLoss['loss'],
  params: Tree,
  wanted: Select | undefined,
): { readonly loss: MeasuredLoss['loss']; readonly params: Tree } {
  if (wanted === undefined) return { loss, params };
  const trained = Object.fromEntries(
    leaves(params).flatMap(({ path, leaf }) => (wanted(path, leaf) ? [[path, leaf] as const] : [])),
  );
  const whole = (own: Tree): Tree =>
    map(params, (leaf, path) => (own as { readonly [path: string]: Tensor })[path] ?? leaf);
  return { loss: (own, batch) => loss(whole(own), batch), params: trained };
}
