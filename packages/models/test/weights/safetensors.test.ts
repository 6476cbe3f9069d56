import { key, normal } from '@steppe/random';
import { leaves, readSafetensors, type Tree, writeSafetensors } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportSafetensors, initBatchNorm, initConv, initDense, loadSafetensors } from '../../src/index.ts';
import { batchNormNames, convNames, denseNames } from '../../src/weights/names.ts';

const names = [
  ...convNames('.stem', 'conv1'),
  ...batchNormNames('.norm', 'bn1'),
  ...denseNames('.gate', 'se.fc', { layout: 'pointwise' }),
  ...convNames('.depthwise', 'dw', 'depthwise'),
  ...denseNames('.dense', 'fc', { head: true }),
];

function network(seed: number, classes = 3) {
  const { params: norm, state } = initBatchNorm(4);
  const params = {
    stem: initConv(key(seed), 3, 2, 4),
    norm,
    gate: initDense(key(seed + 1), 4, 5),
    depthwise: { kernel: normal<tf.Rank.R4>(key(seed + 2), [3, 1, 4, 1]) },
    dense: initDense(key(seed + 3), 4, classes),
  };
  return { params, state: { norm: state } };
}

const valuesOf = (tree: Tree) => leaves(tree).map(({ path, leaf }) => [path, leaf.shape, [...leaf.dataSync()]]);

/** A file with the tensors of a network, changed. */
async function file(change: (tensors: Record<string, tf.Tensor>) => void): Promise<Uint8Array> {
  const { tensors } = await readSafetensors(await exportSafetensors(names, network(0)));
  const changed = { ...tensors };
  change(changed);
  return writeSafetensors(changed);
}

const line = (error: unknown): string => (error as Error).message;

describe('weights by published names', () => {
  test('lie in the file as PyTorch has them', async () => {
    const { params, state } = network(0);
    const { tensors, metadata } = await readSafetensors(await exportSafetensors(names, { params, state }));
    expect(metadata).toEqual({ format: 'pt' });
    const of = (name: string) => tensors[name] as tf.Tensor;
    expect(Object.keys(tensors).sort()).toEqual([...names.map(({ name }) => name)].sort());
    const [o, i, y, x] = [3, 1, 2, 0];
    expect(of('conv1.weight').shape).toEqual([4, 2, 3, 3]);
    expect(of('conv1.weight').bufferSync().get(o, i, y, x)).toBe(params.stem.kernel.bufferSync().get(y, x, i, o));
    expect(of('dw.weight').shape).toEqual([4, 1, 3, 1]);
    expect(of('dw.weight').bufferSync().get(3, 0, 2, 0)).toBe(params.depthwise.kernel.bufferSync().get(2, 0, 3, 0));
    expect(of('se.fc.weight').shape).toEqual([5, 4, 1, 1]);
    expect(of('se.fc.weight').bufferSync().get(4, 2, 0, 0)).toBe(params.gate.kernel.bufferSync().get(2, 4));
    expect(of('fc.weight').bufferSync().get(2, 1)).toBe(params.dense.kernel.bufferSync().get(1, 2));
    expect(of('bn1.running_var').dataSync()).toEqual(state.norm.variance.dataSync());
  });

  describe('and back', () => {
    let before = 0;
    beforeEach(() => {
      before = tf.memory().numTensors;
    });
    afterEach(() => expect(tf.memory().numTensors).toBe(before));

    test('come bit for bit, nothing else is left, and what was given stays the caller’s', async () => {
      const [given, into] = [network(0), network(9)];
      const loaded = await loadSafetensors(await exportSafetensors(names, given), names, into);
      expect(valuesOf(loaded)).toEqual(valuesOf(given));
      expect(valuesOf(loaded)).not.toEqual(valuesOf(into));
      tf.dispose([loaded, given, into].flatMap((tree) => leaves(tree).map(({ leaf }) => leaf)));
    });

    test('come with a fresh head where that is asked for', async () => {
      const [given, into] = [network(0), network(9, 7)];
      const bytes = await exportSafetensors(names, given);
      const loaded = await loadSafetensors(bytes, names, into, { head: 'replace' });
      expect(valuesOf(loaded.params.dense)).toEqual(valuesOf(into.params.dense));
      expect(valuesOf(loaded.params.stem)).toEqual(valuesOf(given.params.stem));
      await expect(loadSafetensors(bytes, names, into)).rejects.toThrow(
        'The file does not hold this network: it has "fc.weight" [3,4] instead of [7,4], "fc.bias" [3] instead of [7]. ' +
          "For other classes than the file's pass { head: 'replace' }.",
      );
      tf.dispose([loaded, given, into].flatMap((tree) => leaves(tree).map(({ leaf }) => leaf)));
    });
  });

  test('pass over what PyTorch counts beside its statistics', async () => {
    const bytes = await file((tensors) => {
      tensors['bn1.num_batches_tracked'] = tf.scalar(7, 'int32');
    });
    const loaded = await loadSafetensors(bytes, names, network(9));
    expect(valuesOf(loaded)).toEqual(valuesOf(network(0)));
  });

  test('are refused in one line that names all that is missing, extra, and of another shape or type', async () => {
    const bytes = await file((tensors) => {
      delete tensors['bn1.weight'];
      delete tensors['se.fc.bias'];
      tensors['layer9.weight'] = tf.zeros([1]);
      tensors['conv1.weight'] = tf.zeros([4, 2, 5, 5]);
      tensors['bn1.running_var'] = tf.zeros([4], 'int32');
    });
    const message = await loadSafetensors(bytes, names, network(9)).catch(line);
    expect(message).toBe(
      'The file does not hold this network: it lacks "bn1.weight", "se.fc.bias"; it has "layer9.weight" that the ' +
        'network lacks; it has "conv1.weight" [4,2,5,5] instead of [4,2,3,3], "bn1.running_var" int32 [4] instead of ' +
        'float32 [4]. Use the names of the library that wrote it, and the options of the network that it holds.',
    );
    const many = await writeSafetensors(
      Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`x${i}`, tf.zeros([1])])),
    );
    expect(await loadSafetensors(many, names, network(9)).catch(line)).toContain('"x7" and 22 more (30 in all)');
  });

  test.each<[string, string, tf.Tensor4D | tf.Tensor1D]>([
    ['conv1.weight', 'NaN', tf.fill<tf.Rank.R4>([4, 2, 3, 3], Number.NaN)],
    ['bn1.running_var', '-1', tf.tensor1d([1, 1, -1, 1])],
  ])('are refused when no network can compute with them: %s with %s', async (name, number, values) => {
    const bytes = await file((tensors) => {
      tensors[name] = values;
    });
    expect(await loadSafetensors(bytes, names, network(9)).catch(line)).toBe(
      `The file does not hold trained weights: "${name}" has a number ${number}.`,
    );
  });

  test('are refused when the names are of another network, before the file is read', async () => {
    const other = names.slice(1);
    expect(await loadSafetensors(new Uint8Array(0), other, network(0)).catch(line)).toBe(
      'The names are not those of this network: no name for ".stem.kernel". Make them from the options that made the network.',
    );
    const more = [...names, ...convNames('.stem2', 'conv2'), ...convNames('.stem', 'conv1')];
    expect(await exportSafetensors(more, network(0)).catch(line)).toContain(
      'nothing, or a second name, at ".stem2.kernel", ".stem.kernel".',
    );
  });

  test('are refused when an option is unknown', async () => {
    const wrong: object = { heads: 'replace' };
    expect(await loadSafetensors(new Uint8Array(0), names, network(0), wrong).catch(line)).toBe(
      'loadSafetensors has no option "heads": did you mean "head"?',
    );
  });
});
