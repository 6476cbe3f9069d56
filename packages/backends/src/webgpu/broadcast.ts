import { backend_util, util } from '@tensorflow/tfjs-core';
import { merged, type Walk, walk } from './walk.ts';

/** How far a step along each axis of the full shape goes in a tensor: 0 where it repeats. */
function stepsOf(shape: readonly number[], rank: number): readonly number[] {
  const own = [...Array.from({ length: rank - shape.length }, () => 1), ...shape];
  const strides = [...util.computeStrides(own), 1];
  return own.map((side, axis) => (side === 1 ? 0 : (strides[axis] as number)));
}

/**
 * Where tensors that broadcast hold the entries of their common shape, of any rank.
 *
 * @returns The shape; code that sets `a`, `b`, ... to the places of entry `index`; what tells that code apart.
 * @throws When the shapes do not broadcast.
 */
export function broadcastPlaces(
  shapes: readonly (readonly number[])[],
): Walk & { readonly shape: number[]; readonly key: string } {
  const shape = shapes.reduce<number[]>((all, each) => backend_util.assertAndGetBroadcastShape(all, [...each]), []);
  const steps = shapes.map((each) => stepsOf(each, shape.length));
  const axes = merged(shape.map((side, axis) => ({ side, steps: steps.map((each) => each[axis] as number) })));
  const names = shapes.map((_, i) => 'abcdef'[i] as string);
  const { uniforms, code } = walk('in', axes, names, 'rest');
  const start = `var rest = index; ${names.map((name) => `var ${name} = 0;`).join(' ')}`;
  return { shape, key: `${axes.length}`, uniforms, code: `${start} ${code}` };
}
