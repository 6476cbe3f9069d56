import type { Normalization } from '@steppe/datasets';
import { capturingBackend } from '@steppe/kernels';
import { version_core as tfjs } from '@tensorflow/tfjs-core';
import { withoutReplaced } from '../chain/replaced.ts';
import { version } from '../commands/version.ts';
import { configSchema } from '../options/config-file.ts';
import { withWholePaths } from '../options/paths.ts';
import { lasting } from '../options/schema.ts';
import type { LastingOptions } from '../options/table.ts';
import type { Device } from './device.ts';
import type { LabelNoise } from './label-noise.ts';
import { titleOf } from './network.ts';
import type { Plan } from './plan.ts';
import type { Pretrained } from './pretrained.ts';
import type { Relabelled, RelabelledData } from './relabel.ts';

/** All that is known before the first step: the content of config.json. */
export type Facts = {
  readonly schema: typeof configSchema;
  /** Those that make the run what it is, with the dataset and the device that were taken: not where it goes and what it
   * prints. */
  readonly options: ReturnType<typeof withoutReplaced<LastingOptions>>;
  readonly method: string;
  /** The optimizer as code. */
  readonly chain: string;
  readonly network: {
    readonly name: string;
    readonly parameters: number;
    /** The weights that it starts from; absent where they are drawn. */
    readonly pretrained?: Pretrained;
  };
  readonly dataset: {
    readonly name: string;
    readonly source: string;
    readonly classes: readonly string[];
    readonly shape: readonly number[];
    /** By what pixels are normalized; runs of before do not say it. */
    readonly normalization: Normalization;
    readonly trainingImages: number;
    readonly testImages: number;
    /** Held out of the training images; absent where none were. */
    readonly validationImages?: number;
    readonly sha256: string;
    /** The training labels that were made wrong on purpose; absent where all are as published. */
    readonly labelNoise?: LabelNoise;
    /** The training labels that another run predicts; absent where they are those of the images. */
    readonly relabelled?: Relabelled;
  };
  readonly device: Device;
  /** Said where each step is recorded once and replayed by one call of the device. */
  readonly captured?: true;
  /** How many processes train together; absent where it is one. */
  readonly ranks?: number;
  readonly versions: { readonly steppe: string; readonly node: string; readonly tfjs: string };
  /** How long it is, however that was said. */
  readonly epochs: number;
  readonly steps: number;
  readonly gradientEvaluations: number;
};

/** Writes down what a run is made of. */
export async function gather(
  { options: all, name, epochs, steps }: Plan,
  { dataset, sha256, labelNoise, relabelled, validation }: RelabelledData,
  rest: {
    readonly parameters: number;
    readonly pretrained?: Pretrained | undefined;
    readonly device: Device;
    readonly ranks: number;
    readonly chain: string;
    /** Of all its steps. */
    readonly gradientEvaluations: number;
  },
): Promise<Facts> {
  return {
    schema: configSchema,
    options: withoutReplaced(
      withWholePaths({
        ...lasting(all),
        ...(all.images === undefined && { dataset: dataset.name as LastingOptions['dataset'] }),
        backend: rest.device.name,
      }),
    ),
    method: name,
    chain: rest.chain,
    network: {
      name: titleOf(all),
      parameters: rest.parameters,
      ...(rest.pretrained && { pretrained: rest.pretrained }),
    },
    dataset: {
      name: dataset.name,
      source: dataset.source,
      classes: dataset.classes,
      shape: dataset.shape,
      normalization: dataset.train.normalization,
      trainingImages: dataset.train.labels.length,
      testImages: dataset.test.labels.length,
      ...(validation && { validationImages: validation.labels.length }),
      sha256,
      ...(labelNoise && { labelNoise }),
      ...(relabelled && { relabelled }),
    },
    device: rest.device,
    ...(all.eager !== true && capturingBackend() && { captured: true }),
    ...(rest.ranks > 1 && { ranks: rest.ranks }),
    versions: { steppe: await version(), node: process.versions.node, tfjs },
    epochs,
    steps,
    gradientEvaluations: rest.gradientEvaluations,
  };
}
