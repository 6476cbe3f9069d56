import { key } from '@steppe/random';
import { dispose, size, type Tree } from '@steppe/tree';
import '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { cifarResNet, type Model, pyramidNet, resNet, shakeShake } from '../../src/index.ts';

function counted<Params extends Tree, State extends Tree>(model: Model<Params, State>, side = 8): number {
  const { params, state } = model.init(key(0), [side, side, 3]);
  const parameters = size(params);
  dispose(params, state);
  return parameters;
}

/** Counts written out from the papers: they agree with small networks, and say what the large ones have, which take
 * seconds to draw. */
const conv = (side: number, from: number, to: number): number => side ** 2 * from * to;
const norm = (channels: number): number => 2 * channels;
const dense = (from: number, to: number): number => (from + 1) * to;
const sum = (terms: readonly number[]): number => terms.reduce((total, term) => total + term, 0);

function ofResNet(blocks: readonly number[], bottleneck: boolean, width: number, classes: number, stem = 7): number {
  const wider = bottleneck ? 4 : 1;
  const stages = blocks.map((count, stage) => {
    const inside = width * 2 ** stage;
    const block = (from: number): number =>
      bottleneck
        ? conv(1, from, inside) + conv(3, inside, inside) + conv(1, inside, 4 * inside) + norm(6 * inside)
        : conv(3, from, inside) + conv(3, inside, inside) + norm(2 * inside);
    const [before, after] = [stage === 0 ? width : (inside / 2) * wider, inside * wider];
    const projection = before === after ? 0 : conv(1, before, after) + norm(after);
    return block(before) + projection + (count - 1) * block(after);
  });
  return conv(stem, 3, width) + norm(width) + sum(stages) + dense(8 * width * wider, classes);
}

function ofShakeShake(depth: number, width: number, classes: number): number {
  const stages = [1, 2, 4].map((times) => {
    const [from, to] = [times === 1 ? 16 : (times * width) / 2, times * width];
    const branch = (before: number): number => conv(3, before, to) + conv(3, to, to) + norm(2 * to);
    return 2 * branch(from) + conv(1, from, to) + norm(to) + ((depth - 2) / 6 - 1) * 2 * branch(to);
  });
  return conv(3, 3, 16) + norm(16) + sum(stages) + dense(4 * width, classes);
}

function ofPyramidNet(depth: number, alpha: number, bottleneck: boolean, cut: (x: number) => number): number {
  const total = 3 * ((depth - 2) / (bottleneck ? 9 : 6));
  const inside = (k: number): number => cut(16 + (alpha * k) / total);
  const after = (k: number): number => (k > 0 && bottleneck ? 4 : 1) * inside(k);
  const blocks = Array.from({ length: total }, (_, i) => {
    const [from, to] = [after(i), inside(i + 1)];
    return bottleneck
      ? norm(from) + conv(1, from, to) + norm(to) + conv(3, to, to) + norm(to) + conv(1, to, 4 * to) + norm(4 * to)
      : norm(from) + conv(3, from, to) + norm(to) + conv(3, to, to) + norm(to);
  });
  return conv(3, 3, 16) + norm(16) + sum(blocks) + norm(after(total)) + dense(after(total), 10);
}

const millions = (parameters: number): number => parameters / 1e6;

describe('the number of parameters is the published one', () => {
  // He et al., table 6.
  test.each([
    [20, 269_722, 0.27],
    [32, 464_154, 0.46],
    [44, 658_586, 0.66],
    [56, 853_018, 0.85],
    [110, 1_727_962, 1.7],
  ])('ResNet-%i for CIFAR has %i', (depth, parameters, published) => {
    expect(counted(cifarResNet({ depth, classes: 10 }))).toBe(parameters);
    expect(Math.abs(millions(parameters) - published)).toBeLessThan(published * 0.02);
  });

  // torchvision's documentation prints num_params.
  test.each([
    [18, [2, 2, 2, 2], false, 11_689_512],
    [34, [3, 4, 6, 3], false, 21_797_672],
    [50, [3, 4, 6, 3], true, 25_557_032],
    [101, [3, 4, 23, 3], true, 44_549_160],
    [152, [3, 8, 36, 3], true, 60_192_808],
  ] as const)('ResNet-%i', (depth, blocks, bottleneck, parameters) => {
    expect(ofResNet(blocks, bottleneck, 64, 1000)).toBe(parameters);
    expect(counted(resNet({ depth, classes: 7, width: 2 }))).toBe(ofResNet(blocks, bottleneck, 2, 7, 3));
    expect(counted(resNet({ depth, classes: 7, width: 2 }), 64)).toBe(ofResNet(blocks, bottleneck, 2, 7));
  });

  // Gastaldi, tables 1 and 3.
  test.each([
    [32, 2_923_162, 2.9],
    [64, 11_653_978, 11.7],
    [96, 26_192_922, 26.2],
  ])('Shake-Shake 26 2x%id has %i', (width, parameters, published) => {
    expect(ofShakeShake(26, width, 10)).toBe(parameters);
    expect(millions(parameters)).toBeCloseTo(published, 1);
    expect(counted(shakeShake({ depth: 26, width: 4, classes: 10 }))).toBe(ofShakeShake(26, 4, 10));
  });

  // Han et al., table 4; two of its numbers are 0.2 below what its equation gives.
  test.each([
    [110, 48, false, 1_739_730, 1.7],
    [110, 84, false, 3_855_054, 3.8],
    [110, 270, false, 28_485_477, 28.3],
    [164, 270, true, 27_216_021, 27.0],
    [200, 240, true, 26_617_000, 26.6],
    [236, 220, true, 26_806_528, 26.8],
    [272, 200, true, 26_049_562, 26.0],
  ])('PyramidNet-%i with alpha %i, bottlenecks: %s, has %i', (depth, alpha, bottleneck, parameters, published) => {
    expect(ofPyramidNet(depth, alpha, bottleneck, Math.floor)).toBe(parameters);
    expect(Math.abs(millions(parameters) - published)).toBeLessThan(0.22);
  });

  test('PyramidNet as the SAM paper has it rounds its channels, and so has 0.2 million more', () => {
    expect(ofPyramidNet(272, 200, true, Math.round)).toBe(26_210_842);
    expect(ofPyramidNet(110, 48, false, Math.round)).toBe(1_772_706);
    for (const [channels, cut] of [['nearest', Math.round] as const, ['floor', Math.floor] as const]) {
      expect(counted(pyramidNet({ depth: 20, alpha: 13, classes: 10, channels }))).toBe(
        ofPyramidNet(20, 13, false, cut),
      );
      expect(counted(pyramidNet({ depth: 29, alpha: 13, classes: 10, bottleneck: true, channels }))).toBe(
        ofPyramidNet(29, 13, true, cut),
      );
    }
  });
});
