import type { Options } from '../table.ts';

/** Options that a run starts from. */
export type Preset = {
  readonly about: string;
  readonly options: Options;
  /** It says nothing of the images: whoever takes it must. */
  readonly wantsImages?: true;
  /** It learns the labels that a run of this preset predicts: whoever takes it must name one by `relabel`. */
  readonly wantsRunOf?: string;
  /** Of the rows of the paper's tables: what of the setting neither the paper nor its code says, and what stands here. */
  readonly unprinted?: string;
};
