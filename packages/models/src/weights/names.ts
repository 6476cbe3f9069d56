/** How a published tensor lies in memory, beside ours. */
export type WeightLayout =
  /** As ours. */
  | 'same'
  /** The kernel of a convolution: `[out, in, height, width]`, ours `[height, width, in, out]`. */
  | 'conv'
  /** The kernel of a depthwise convolution: `[channels, 1, height, width]`, ours `[height, width, channels, 1]`. */
  | 'depthwise'
  /** The kernel of a dense layer: `[out, in]`, ours `[in, out]`. */
  | 'dense'
  /** A dense kernel published as a 1×1 convolution: `[out, in, 1, 1]`, ours `[in, out]`. */
  | 'pointwise';

/** Says under which name another library keeps a tensor of a network, and how it lies there. */
export type WeightName = {
  /** Where the tensor stands here: `.stages[0][1].conv1.kernel`. */
  readonly path: string;
  /** What it is called there: `layer1.1.conv1.weight`. */
  readonly name: string;
  readonly layout: WeightLayout;
  /** Which of the two trees `path` leads through. */
  readonly of: 'params' | 'state';
  /**
   * Whether it belongs to the classifier at the end, which depends on the number of classes.
   *
   * @defaultValue false
   */
  readonly head?: boolean;
  /**
   * For embeddings of positions in a grid of patches, `[1, prefix + patches, features]`: how many tokens come before
   * those of the patches.
   */
  readonly prefix?: number;
};

/** Names the kernel of a convolution as PyTorch does. */
export const convNames = (path: string, name: string, layout: WeightLayout = 'conv'): readonly WeightName[] => [
  { path: `${path}.kernel`, name: `${name}.weight`, layout, of: 'params' },
];

/** Names the scale and the bias of a normalization as PyTorch does. */
export const affineNames = (path: string, name: string): readonly WeightName[] => [
  { path: `${path}.scale`, name: `${name}.weight`, layout: 'same', of: 'params' },
  { path: `${path}.bias`, name: `${name}.bias`, layout: 'same', of: 'params' },
];

/** Names the parameters and the running statistics of a batch normalization as PyTorch does. */
export const batchNormNames = (path: string, name: string): readonly WeightName[] => [
  ...affineNames(path, name),
  { path: `${path}.mean`, name: `${name}.running_mean`, layout: 'same', of: 'state' },
  { path: `${path}.variance`, name: `${name}.running_var`, layout: 'same', of: 'state' },
];

/** Names the kernel and the bias of a dense layer, or of what is published as another, as PyTorch does. */
export const denseNames = (
  path: string,
  name: string,
  { layout = 'dense', head = false }: { readonly layout?: WeightLayout; readonly head?: boolean } = {},
): readonly WeightName[] => [
  { path: `${path}.kernel`, name: `${name}.weight`, layout, of: 'params', head },
  { path: `${path}.bias`, name: `${name}.bias`, layout: 'same', of: 'params', head },
];
