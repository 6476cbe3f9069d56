// Makes the subset of Fashion-MNIST that @steppe/datasets ships: the first 500 training and 100 test images of each
// class, in the order of the official files, as idx files in brotli. Run after `npm run build`, with the official files
// in the cache, in the system's package (apt-get install dataset-fashion-mnist), or with --download:
//
//     node tools/datasets/make-fashion-mnist-mini.mjs [--download]
//
// It prints the unpacked sizes and SHA-256 that packages/datasets/src/node/mini.ts holds. The same input gives the same
// bytes.

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { brotliCompressSync, constants } from 'node:zlib';
import { loadDataset } from '@steppe/datasets/node';

const folder = new URL('../../packages/datasets/data/fashion-mnist-mini/', import.meta.url);

/** The places of the first `perClass` examples of each class, in order. */
function firstOfEachClass(labels, perClass) {
  const seen = new Map();
  return [...labels.keys()].filter((i) => {
    const before = seen.get(labels[i]) ?? 0;
    seen.set(labels[i], before + 1);
    return before < perClass;
  });
}

function idx(dims, parts) {
  const header = Buffer.alloc(4 + 4 * dims.length);
  header.set([0, 0, 8, dims.length]);
  dims.forEach((side, i) => {
    header.writeUInt32BE(side, 4 + 4 * i);
  });
  return Buffer.concat([header, ...parts]);
}

async function write(name, bytes) {
  const packed = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  await writeFile(new URL(`${name}.br`, folder), packed);
  const hash = createHash('sha256').update(bytes).digest('hex');
  console.log(`${name}: ${bytes.length} bytes, SHA-256 ${hash}; in brotli ${packed.length} bytes`);
}

const { name, source, train, test } = await loadDataset('fashion-mnist', {
  download: process.argv.includes('--download'),
});
if (name !== 'fashion-mnist') throw new Error(`The whole of Fashion-MNIST is needed, got ${source}.`);
console.log(`from ${source}`);
await mkdir(folder, { recursive: true });
for (const [prefix, { images, labels, shape }, perClass] of [
  ['train', train, 500],
  ['t10k', test, 100],
]) {
  const [height, width] = shape;
  const size = height * width;
  const chosen = firstOfEachClass(labels, perClass);
  const pixels = chosen.map((i) => images.subarray(i * size, (i + 1) * size));
  await write(`${prefix}-images-idx3-ubyte`, idx([chosen.length, height, width], pixels));
  await write(`${prefix}-labels-idx1-ubyte`, idx([chosen.length], [Uint8Array.from(chosen, (i) => labels[i])]));
}
