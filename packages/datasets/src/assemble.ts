import type { AnySplit, Split } from './dataset.ts';
import { checkNormalization } from './normalize.ts';
import { finisher, type Stages } from './stages.ts';

/** A batch before it is on a device. */
export type HostBatch = {
  readonly images: Float32Array;
  readonly labels: Int32Array;
};

/** Refuses a normalization for other images. */
export function checkChannels({ shape, normalization }: AnySplit): void {
  checkNormalization('normalization', normalization);
  const [, , channels] = shape;
  if (normalization.mean.length !== channels)
    throw new Error(`Images of ${channels} channels need as many means, got ${normalization.mean.length}.`);
}

/** Refuses a split whose parts do not fit together, which would read one image into the next. */
function checkFit(split: Split): void {
  const { images, labels, shape } = split;
  const [height, width, channels] = shape;
  if (images.length !== labels.length * height * width * channels)
    throw new Error(`${labels.length} images of ${shape.join(' x ')} have other than ${images.length} bytes.`);
  checkChannels(split);
}

/** Makes the function that turns numbers of examples in memory into a batch. */
export function assembler(split: Split, stages: Stages): (examples: Uint32Array) => HostBatch {
  checkFit(split);
  const finish = finisher(stages);
  const { shape } = split;
  const size = shape[0] * shape[1] * shape[2];
  return (examples) => {
    const images = new Float32Array(examples.length * size);
    const labels = new Int32Array(examples.length);
    for (const [i, example] of examples.entries()) {
      const bytes = split.images.subarray(example * size, (example + 1) * size);
      finish(bytes, example, images.subarray(i * size, (i + 1) * size));
      labels[i] = split.labels[example] as number;
    }
    return { images, labels };
  };
}
