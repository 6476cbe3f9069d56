import { foldIn, type Key } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** Something for every block of every stage. */
export type Stages<T> = readonly (readonly T[])[];

/** Where a block stands. The first of each stage halves the sides of its images, but for the first stage. */
export type Place = {
  readonly stage: number;
  /** Its number among all blocks, from 0. */
  readonly index: number;
  readonly first: boolean;
  readonly stride: 1 | 2;
};

const place = (stage: number, block: number, before: number): Place => ({
  stage,
  index: before + block,
  first: block === 0,
  stride: stage > 0 && block === 0 ? 2 : 1,
});

/** Draws the blocks of stages of so many blocks each; every block has a key of its own. */
export function initStages<Params, State>(
  key: Key,
  counts: readonly number[],
  init: (key: Key, at: Place) => { readonly params: Params; readonly state: State },
): { readonly params: Stages<Params>; readonly state: Stages<State> } {
  let before = 0;
  const stages = counts.map((count, stage) => {
    const blocks = Array.from({ length: count }, (_, block) =>
      init(foldIn(key, before + block), place(stage, block, before)),
    );
    before += count;
    return blocks;
  });
  return {
    params: stages.map((blocks) => blocks.map(({ params }) => params)),
    state: stages.map((blocks) => blocks.map(({ state }) => state)),
  };
}

/**
 * Applies the blocks of all stages, one after another, and frees what goes into each: an evaluation then holds two
 * layers at a time. The gradient tape keeps its own copies.
 *
 * @param start - Images that are freed.
 * @param path - Where the stages stand in the state.
 * @throws When the state is one of another network.
 */
export function applyStages<Params, State extends Tree>(
  params: Stages<Params>,
  state: Stages<State>,
  start: Tensor4D,
  apply: (params: Params, state: State, x: Tensor4D, at: Place) => readonly [Tensor4D, State],
  path = '.stages',
): readonly [Tensor4D, Stages<State>] {
  let [x, before] = [start, 0];
  const next = params.map((blocks, stage) => {
    const states = blocks.map((block, b) => {
      const own = there(state[stage]?.[b], `${path}[${stage}][${b}]`);
      const [y, after] = apply(block, own, x, place(stage, b, before));
      x.dispose();
      x = y;
      return after;
    });
    before += blocks.length;
    return states;
  });
  return [x, next];
}

/** @throws When a part of the state is missing. */
export function there<T>(part: T | undefined, path: string): T {
  if (part !== undefined) return part;
  throw new Error(`The state has nothing at "${path}": pass the state that init or apply gave for these parameters.`);
}
