import type { Tree } from '@steppe/tree';
import type { GradientTransformation } from '../contract.ts';
import { ruleOf } from './aux-rules.ts';
import type { call } from './call.ts';
import { combine, type Slice } from './combine.ts';
import { isStepBatch } from './examples.ts';
import { checkSliceOptions, type SliceOptions } from './slice-options.ts';
import { transformation } from './transformation.ts';

/** Makes a link that evaluates a batch slice by slice, however it is cut. */
export function bySlices<Seen extends Tree>(
  made: ReturnType<typeof call>,
  options: SliceOptions<Seen>,
  cut: <Batch extends Seen>(batch: Batch) => readonly Slice<Batch>[],
): GradientTransformation<null, Seen> {
  const { name } = made;
  checkSliceOptions(name, options);
  const { weight, aux } = options;
  return transformation<null, Seen>({
    ...made,
    gradientCost: 1,
    init: () => null,
    update(gradient, state, params, batch) {
      const rules = (result: Tree) => ruleOf(name, result, aux, isStepBatch(batch));
      const evaluate = (slice: typeof batch) => {
        // Cotangents have the shapes of the slices, and no mean.
        const { cotangent: _, ...evaluation } = gradient(params, slice);
        return evaluation;
      };
      return [combine(name, cut(batch), weight, evaluate, rules), state];
    },
    linear: (product, _state, params, batch) =>
      combine(
        name,
        cut(batch),
        weight,
        (slice) => product(params, slice),
        () => () => 'mean',
      ),
  });
}
