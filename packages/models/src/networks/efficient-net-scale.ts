/** A variant of EfficientNet by its published name. */
export type EfficientNetVariant = 'b0' | 'b1' | 'b2' | 'b3' | 'b4' | 'b5' | 'b6' | 'b7' | 'l2';

/** Multiplies the channels and the blocks of B0. */
export type EfficientNetScale = {
  readonly width: number;
  readonly depth: number;
  /**
   * The share of features dropped before the classifier.
   *
   * @defaultValue that of the variant; 0.2 for a scale of your own
   */
  readonly dropout?: number;
};

/**
 * Lists the variants that were published: their scale, and the side of the images that they were trained on.
 *
 * @see Tan and Le, EfficientNet (2019), section 4; Xie et al., Self-training with noisy student (2020), table 7.
 *
 * @example
 * ```ts
 * import { efficientNetScales } from '@steppe/models';
 *
 * console.log(efficientNetScales.b7); // => { width: 2, depth: 3.1, image: 600, dropout: 0.5 }
 * ```
 */
export const efficientNetScales: Readonly<
  Record<EfficientNetVariant, Required<EfficientNetScale> & { readonly image: number }>
> = {
  b0: { width: 1, depth: 1, image: 224, dropout: 0.2 },
  b1: { width: 1, depth: 1.1, image: 240, dropout: 0.2 },
  b2: { width: 1.1, depth: 1.2, image: 260, dropout: 0.3 },
  b3: { width: 1.2, depth: 1.4, image: 300, dropout: 0.3 },
  b4: { width: 1.4, depth: 1.8, image: 380, dropout: 0.4 },
  b5: { width: 1.6, depth: 2.2, image: 456, dropout: 0.4 },
  b6: { width: 1.8, depth: 2.6, image: 528, dropout: 0.5 },
  b7: { width: 2, depth: 3.1, image: 600, dropout: 0.5 },
  l2: { width: 4.3, depth: 5.3, image: 800, dropout: 0.5 },
};

/** A block: so many channels in, `expand` times as many inside, so many out. */
export type MBConvShape = {
  readonly inChannels: number;
  readonly expand: number;
  readonly outChannels: number;
  readonly size: number;
  readonly stride: number;
};

/** The stages of B0: how often a block stands there, its expansion, channels, side of the kernel, first stride. */
const stages = [
  [1, 1, 16, 3, 1],
  [2, 6, 24, 3, 2],
  [2, 6, 40, 5, 2],
  [3, 6, 80, 3, 2],
  [3, 6, 112, 5, 1],
  [4, 6, 192, 5, 2],
  [1, 6, 320, 3, 1],
] as const;

/** Rounds channels to a multiple of 8, by less than a tenth down. */
function rounded(channels: number): number {
  const near = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return near < 0.9 * channels ? near + 8 : near;
}

/** What the compound rule makes of B0: the channels of the stem, all blocks by stage, the channels of the head. */
export type EfficientNetShape = {
  readonly stem: number;
  readonly stages: readonly (readonly MBConvShape[])[];
  readonly head: number;
};

/** Scales B0: channels by width, rounded to a multiple of 8, blocks by depth, rounded up. */
export function scaled({ width, depth }: EfficientNetScale): EfficientNetShape {
  const stem = rounded(32 * width);
  let inChannels = stem;
  const all = stages.map(([blocks, expand, channels, size, stride]) => {
    const outChannels = rounded(channels * width);
    return Array.from({ length: Math.ceil(blocks * depth) }, (_, b): MBConvShape => {
      const block = { inChannels, expand, outChannels, size, stride: b === 0 ? stride : 1 };
      inChannels = outChannels;
      return block;
    });
  });
  return { stem, stages: all, head: rounded(1280 * width) };
}
