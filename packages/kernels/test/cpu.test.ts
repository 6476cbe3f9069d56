import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { fc, test as property } from '@fast-check/vitest';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { correctCpu, cpuCorrections } from '../src/cpu/index.ts';

const four = (shape: number[], at = (i: number): number => i + 1): tf.Tensor4D =>
  tf.tensor(
    Array.from({ length: shape.reduce((size, extent) => size * extent, 1) }, (_, i) => at(i)),
    shape as [number, number, number, number],
  );
const run = (kernel: string, inputs: tf.NamedTensorMap, attrs: tf.NamedAttrMap): tf.Tensor =>
  tf.engine().runKernel(kernel, inputs, attrs) as tf.Tensor;

let before: ReturnType<typeof tf.getKernel>;

beforeAll(async () => {
  before = tf.getKernel(tf.Conv2D, 'cpu');
  correctCpu();
  await tf.setBackend('cpu');
});

describe('the corrections', () => {
  test('are registered once, and name each kernel once', () => {
    const registered = tf.getKernel(tf.Conv2D, 'cpu').kernelFunc;
    expect(registered).not.toBe(before.kernelFunc);
    correctCpu();
    expect(tf.getKernel(tf.Conv2D, 'cpu').kernelFunc).toBe(registered);
    const names = cpuCorrections.map(({ kernel }) => kernel);
    expect(new Set(names).size).toBe(names.length);
  });

  test('are those in the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const rows = readme.match(/^\| `\w+` \| .+ \|$/gm) ?? [];
    const table = cpuCorrections.map(({ kernel, wrong }) => `| \`${kernel}\` | ${wrong} |`);
    expect(rows.slice(-table.length)).toEqual(table);
  });
});

describe('matMul', () => {
  test('multiplies batches that broadcast at different ranks', () => {
    const y = tf.matMul(tf.ones([2, 1, 1, 2]), tf.ones([3, 2, 1]));
    expect([y.shape, [...y.dataSync()]]).toEqual([
      [2, 3, 1, 1],
      [2, 2, 2, 2, 2, 2],
    ]);
  });

  const extent = fc.constantFrom(0, 1, 2, 3);
  property.prop(
    [fc.array(extent, { maxLength: 3 }), fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }), fc.boolean()],
    {
      seed: 1,
      numRuns: 60,
    },
  )('is the product of the repeated batches', (batch, [ta = false, tb = false, short = false, ...ones], int) => {
    tf.tidy(() => {
      const repeat = (shape: number[], flip: boolean): number[] =>
        shape.map((each, d) => (ones[d] === flip ? 1 : each)).slice(short === flip ? 1 : 0);
      const dtype = int ? 'int32' : 'float32';
      const a = tf.cast(four([...repeat(batch, true), ...(ta ? [3, 2] : [2, 3])]), dtype);
      const b = tf.cast(four([...repeat(batch, false), ...(tb ? [4, 3] : [3, 4])]), dtype);
      const y = tf.matMul(a, b, ta, tb);
      const [left, right] = [ta ? tf.transpose(a, swap(a)) : a, tb ? tf.transpose(b, swap(b)) : b];
      const products = tf.mul(tf.expandDims(left, -1), tf.expandDims(right, -3));
      const expected = tf.sum(products, -2);
      expect(y.shape).toEqual(expected.shape);
      expect([...y.dataSync()]).toEqual([...expected.dataSync()]);
    });
  });
  const swap = ({ shape }: tf.Tensor): number[] => {
    const axes = shape.map((_, d) => d);
    return [...axes.slice(0, -2), axes.length - 1, axes.length - 2];
  };

  test('adds bias and activation to such batches', () => {
    // tf.fused.matMul itself flattens the batches before the kernel, and refuses these.
    const inputs = { a: tf.ones([2, 1, 1, 2]), b: tf.ones([1, 3, 2, 1]), bias: tf.scalar(-3) };
    const y = run(tf._FusedMatMul, inputs, { transposeA: false, transposeB: false, activation: 'relu6' });
    expect([y.shape, [...y.dataSync()]]).toEqual([
      [2, 3, 1, 1],
      [0, 0, 0, 0, 0, 0],
    ]);
  });

  test('wraps int32', () => {
    const a = tf.fill([1, 1], 2 ** 31 - 1, 'int32');
    expect(tf.matMul(a as tf.Tensor2D, a as tf.Tensor2D).arraySync()).toEqual([[1]]);
  });
});

describe('the gradient of a resize', () => {
  test('is right for a batch of two', () => {
    const weights = tf.tensor4d([1, 1, 1, 1, 10, 10, 10, 10], [2, 2, 2, 1]);
    const loss = (x: tf.Tensor): tf.Scalar =>
      tf.sum(tf.mul(tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [2, 2]), weights));
    expect([
      ...tf
        .grad(loss)(tf.ones([2, 1, 1, 1]))
        .dataSync(),
    ]).toEqual([4, 40]);
  });

  const side = fc.integer({ min: 1, max: 5 });
  property.prop([fc.boolean(), fc.constantFrom('corners', 'half', 'plain'), side, side, side, side], {
    seed: 2,
    numRuns: 120,
  })(
    'is the transposed map, for any sides and rules',
    (bilinear, rule, h, w, newH, newW) => {
      tf.tidy(() => {
        const resize = bilinear ? tf.image.resizeBilinear : tf.image.resizeNearestNeighbor;
        const forward = (x: tf.Tensor): tf.Tensor =>
          resize(x as tf.Tensor4D, [newH, newW], rule === 'corners', rule === 'half');
        const [x, dy] = [four([2, h, w, 2], (i) => Math.sin(i)), four([2, newH, newW, 2], (i) => Math.cos(i))];
        const dx = tf.grad((each) => tf.sum(tf.mul(forward(each), dy)))(x);
        // The map is linear: <dy, A x> = <Aᵀ dy, x>, for the same x moved by one pixel too.
        for (const point of [x, tf.reverse(x, [1]), tf.reverse(x, [2]), tf.square(x)]) {
          const [left, right] = [tf.sum(tf.mul(forward(point), dy)), tf.sum(tf.mul(dx, point))];
          expect(right.arraySync()).toBeCloseTo(left.arraySync() as number, 4);
        }
      });
    },
    10_000,
  );
});

describe('a window larger than the image', () => {
  const [image, filter] = [tf.ones([1, 2, 3, 1]) as tf.Tensor4D, tf.ones([5, 5, 1, 1]) as tf.Tensor4D];
  beforeEach(async () => {
    await tf.setBackend('cpu');
  });
  const calls: readonly (readonly [string, (x: tf.Tensor4D, w: tf.Tensor4D) => tf.Tensor])[] = [
    ['conv2d', (x, w) => tf.conv2d(x, w, 2, 'valid')],
    ['depthwiseConv2d', (x, w) => tf.depthwiseConv2d(x, w, 1, 'valid')],
    ['maxPool', (x) => tf.maxPool(x, 5, 2, 'valid')],
    ['avgPool', (x) => tf.avgPool(x, 5, 1, 0)],
    [
      'fused.conv2d',
      (x, w) => tf.fused.conv2d({ x, filter: w, strides: 1, pad: 'valid', bias: tf.ones([1]), activation: 'relu' }),
    ],
    ['maxPoolWithArgmax', (x) => tf.maxPoolWithArgmax(x, 5, 1, 'valid').indexes as tf.Tensor],
  ];
  test.each(calls)('of %s gives an empty tensor', (_, call) => {
    expect(call(image, filter).shape).toEqual([1, 0, 0, 1]);
  });

  test.each(calls.slice(0, 4))('of %s has the gradient zero', (_, call) => {
    const [dx, dw] = tf.grads((x, w) => tf.add(tf.sum(call(x as tf.Tensor4D, w as tf.Tensor4D)), tf.mul(0, tf.sum(w))))(
      [image, filter],
    );
    expect([...(dx as tf.Tensor).dataSync(), ...(dw as tf.Tensor).dataSync()]).toEqual(
      Array.from({ length: 31 }, () => 0),
    );
  });
});

describe('int32 that overflows', () => {
  const ints = (values: number[]): tf.Tensor1D => tf.tensor1d(values, 'int32');
  const exact = (value: bigint): number => Number(BigInt.asIntN(32, value));
  const int = fc.oneof(
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    fc.constantFrom(2 ** 31 - 1, -(2 ** 31), 65537),
  );

  property.prop([fc.array(int, { minLength: 1, maxLength: 6 }), int, fc.integer({ min: 0, max: 80 })], { seed: 4 })(
    'wraps modulo 2³²',
    (values, b, n) => {
      const big = values.map(BigInt);
      const all = (x: tf.Tensor): number[] => [...x.dataSync()];
      tf.tidy(() => {
        const x = ints(values);
        const y = tf.scalar(b, 'int32');
        expect(all(tf.mul(x, y))).toEqual(big.map((a) => exact(a * BigInt(b))));
        expect(all(tf.square(x))).toEqual(big.map((a) => exact(a * a)));
        expect(all(tf.squaredDifference(x, y))).toEqual(big.map((a) => exact((a - BigInt(b)) ** 2n)));
        expect(all(tf.pow(x, tf.scalar(n, 'int32')))).toEqual(big.map((a) => exact(a ** BigInt(n))));
        expect(all(tf.prod(x))).toEqual([exact(big.reduce((product, a) => product * a, 1n))]);
        const running = big.map((_, i) => exact(big.slice(0, i + 1).reduce((product, a) => product * a, 1n)));
        expect(all(tf.cumprod(x))).toEqual(running);
        expect(all(tf.prod(tf.reshape(x, [1, -1, 1]), 1, true))).toEqual(running.slice(-1));
      });
    },
  );

  test('has fractions cut off in negative powers', () => {
    expect([...tf.pow(ints([1, -1, -1, 2, 0, -3]), ints([-5, -3, -2, -1, -1, -1])).dataSync()]).toEqual([
      1, -1, 1, 0, 0, 0,
    ]);
  });

  test('is scanned along any axis, exclusively or backwards', () => {
    const x = tf.tensor2d([2, 3, 5, 7, 11, 13], [2, 3], 'int32');
    expect(tf.cumprod(x, 0, true).arraySync()).toEqual([
      [1, 1, 1],
      [2, 3, 5],
    ]);
    expect(tf.cumprod(x, 1, false, true).arraySync()).toEqual([
      [30, 15, 5],
      [1001, 143, 13],
    ]);
  });
});

describe('einsum', () => {
  const extents: Readonly<Record<string, number>> = { a: 2, b: 3, c: 4, d: 1 };
  const labels = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd'), { maxLength: 3 });
  const permuted = fc.shuffledSubarray<string>(['a', 'b', 'c', 'd']);
  property.prop([labels, fc.option(labels, { nil: undefined }), permuted], { seed: 5, numRuns: 80 })(
    'is the sum of products over the labels that the result lacks',
    (first, second, wanted) => {
      const terms = second ? [first, second] : [first];
      const out = wanted.filter((label) => terms.flat().includes(label));
      tf.tidy(() => {
        const tensors = terms.map((term, i) =>
          four(
            term.map((label) => extents[label] ?? 1),
            (at) => at * (i + 1) - 2.5,
          ),
        );
        const y = tf.einsum(`${terms.map((term) => term.join('')).join(',')}->${out.join('')}`, ...tensors);
        // Over all labels, in the order a, b, c, d, by broadcasting.
        const all = ['a', 'b', 'c', 'd'].filter((label) => terms.flat().includes(label));
        const spread = (x: tf.Tensor, term: string[]): tf.Tensor => {
          const order = all.filter((label) => term.includes(label));
          const moved = tf.transpose(
            x,
            order.map((label) => term.indexOf(label)),
          );
          return tf.reshape(
            moved,
            all.map((label) => (term.includes(label) ? (extents[label] ?? 1) : 1)),
          );
        };
        const product = tensors.map((x, i) => spread(x, terms[i] ?? [])).reduce((a, b) => tf.mul(a, b));
        const lost = all.flatMap((label, d) => (out.includes(label) ? [] : [d]));
        const kept = all.filter((label) => out.includes(label));
        const sum = lost.length ? tf.sum(product, lost) : product;
        const expected = tf.transpose(
          sum,
          out.map((label) => kept.indexOf(label)),
        );
        expect(y.shape).toEqual(expected.shape);
        expect([...y.dataSync()]).toEqual([...expected.dataSync()]);
      });
    },
  );

  test('of one operand alone is a tensor of its own', () => {
    const x = tf.tensor1d([1, 2]);
    tf.einsum('b->b', x).dispose();
    expect([...x.dataSync()]).toEqual([1, 2]);
  });
});

test('the gradient of max-pooled volumes goes to the maxima of windows of any shape', () => {
  const x = tf.tensor([0, 1, 9, 2, 8, 3, 7, 4, 6, 5, 11, 10], [1, 1, 3, 4, 1]) as tf.Tensor5D;
  const pool = (each: tf.Tensor): tf.Scalar => tf.sum(tf.maxPool3d(each as tf.Tensor5D, [1, 2, 3], 1, 'valid'));
  expect([...tf.grad(pool)(x).dataSync()]).toEqual([0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 0]);
});

describe('places', () => {
  test('an update of a tensor leaves the tensor as it was', () => {
    const x = tf.tensor1d([1, 2, 3]);
    const y = tf.tensorScatterUpdate(x, tf.tensor2d([[1]], [1, 1], 'int32'), tf.tensor1d([9]));
    expect([[...x.dataSync()], [...y.dataSync()]]).toEqual([
      [1, 2, 3],
      [1, 9, 3],
    ]);
  });

  test('a running sum or product takes an axis counted from the end', () => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    expect(tf.cumsum(x, -2).arraySync()).toEqual([
      [1, 2],
      [4, 6],
    ]);
    expect(tf.cumprod(x, -1).arraySync()).toEqual([
      [1, 2],
      [3, 12],
    ]);
    expect(tf.cumprod(tf.cast(x, 'int32'), -2).arraySync()).toEqual([
      [1, 2],
      [3, 8],
    ]);
  });

  test('a strided slice may be empty', () => {
    const y = tf.stridedSlice(tf.ones([4, 3]), [3, 0], [1, 3], [1, 1]);
    expect([y.shape, y.size]).toEqual([[0, 3], 0]);
  });

  test('a strided slice drops an axis beside steps', () => {
    const y = tf.stridedSlice(four([3, 4]), [1, 3], [0, -5], [1, -2], 0, 0, 0, 0, 1);
    expect(y.arraySync()).toEqual([8, 6]);
  });

  test('a gather of no batches is empty', () => {
    const y = tf.gather(tf.zeros([0, 2, 3]), tf.zeros([0, 2, 5], 'int32'), 2, 2);
    expect(y.shape).toEqual([0, 2, 5]);
  });

  test('where of an empty operand is empty', () => {
    const none = tf.where(tf.zeros([0, 1], 'bool'), tf.ones([1, 3]), tf.ones([1, 1]));
    expect([none.shape, [...none.dataSync()]]).toEqual([[0, 3], []]);
    expect(
      run(tf.Select, { condition: tf.ones([2, 0], 'bool'), t: tf.ones([2, 0]), e: tf.ones([2, 1]) }, {}).shape,
    ).toEqual([2, 0]);
  });
});

describe('windows', () => {
  test('with a number of pixels around have a width of their own', () => {
    const [x, w] = [tf.ones([1, 3, 5, 1]) as tf.Tensor4D, tf.ones([1, 3, 1, 1]) as tf.Tensor4D];
    expect(tf.conv2d(x, w, [1, 2], 1).shape).toEqual([1, 5, 3, 1]);
    expect(tf.maxPool(x, [1, 3], [1, 2], 0).shape).toEqual([1, 3, 2, 1]);
    const [dx, dw] = tf.grads((a, b) => tf.sum(tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, [1, 2], 1)))([x, w]);
    const rows = [1, 2, 1, 2, 1];
    expect([...(dx as tf.Tensor).dataSync()]).toEqual([...rows, ...rows, ...rows]);
    expect([...(dw as tf.Tensor).dataSync()]).toEqual([6, 9, 6]);
  });

  test("of volumes begin at the first place where strides are larger and the padding is 'same'", () => {
    const x = tf.tensor([1, 2, 3, 4, 5], [1, 1, 1, 5, 1]) as tf.Tensor5D;
    const w = tf.ones([1, 1, 1, 1, 1]) as tf.Tensor5D;
    const calls = [
      (a: tf.Tensor5D) => tf.conv3d(a, w, [1, 1, 4], 'same'),
      (a: tf.Tensor5D) => tf.maxPool3d(a, 1, [1, 1, 4], 'same'),
      (a: tf.Tensor5D) => tf.avgPool3d(a, 1, [1, 1, 4], 'same'),
    ];
    for (const call of calls) {
      expect([...call(x).dataSync()]).toEqual([1, 5]);
      expect([
        ...tf
          .grad((a) => tf.sum(call(a as tf.Tensor5D)))(x)
          .dataSync(),
      ]).toEqual([1, 0, 0, 0, 1]);
    }
    // Three places, steps of 3: tfjs began at the second.
    const three = tf.tensor([7, 8, 9], [1, 3, 1, 1, 1]) as tf.Tensor5D;
    const dw = tf.grad((b) => tf.sum(tf.conv3d(three, b as tf.Tensor5D, [3, 1, 1], 'same')))(w);
    expect([[...tf.conv3d(three, w, [3, 1, 1], 'same').dataSync()], [...dw.dataSync()]]).toEqual([[7], [7]]);
  });

  test('with their places are two tensors, with a number of pixels around too', () => {
    const x = tf.tensor4d([1, 3, 2, 4], [1, 1, 4, 1]);
    const { result, indexes } = tf.maxPoolWithArgmax(x, [1, 2], [1, 2], 0) as Record<'result' | 'indexes', tf.Tensor>;
    expect([[...result.dataSync()], [...indexes.dataSync()]]).toEqual([
      [3, 4],
      [1, 3],
    ]);
  });

  test('of nothing above -Infinity have the place of their first pixel', () => {
    const x = tf.tensor4d([1, 3, -Infinity, -Infinity], [1, 1, 4, 1]);
    const { indexes } = tf.maxPoolWithArgmax(x, [1, 2], [1, 2], 'valid');
    expect([...(indexes as tf.Tensor).dataSync()]).toEqual([1, 2]);
  });

  test('of a fused convolution without an alpha leak 0.2', () => {
    const x = tf.tensor4d([1, -2], [1, 1, 2, 1]);
    const y = tf.fused.conv2d({
      x,
      filter: tf.ones([1, 1, 1, 1]) as tf.Tensor4D,
      strides: 1,
      pad: 0,
      activation: 'leakyrelu',
    });
    expect(y.dataSync()).toEqual(Float32Array.of(1, -0.4));
  });
});

describe('nothing and infinity', () => {
  test('reductions of nothing are what changes no other element, and the mean is NaN', () => {
    const none = tf.zeros([2, 0]);
    expect([...tf.max(none, 1).dataSync()]).toEqual([-Infinity, -Infinity]);
    expect(tf.min(none).arraySync()).toBe(Infinity);
    expect([...tf.max(tf.cast(none, 'int32'), 1, true).dataSync()]).toEqual([-(2 ** 31), -(2 ** 31)]);
    expect(tf.all(tf.cast(none, 'bool')).arraySync()).toBe(1);
    expect([...tf.mean(none, 1, true).dataSync()]).toEqual([Number.NaN, Number.NaN]);
    expect(tf.logSumExp(none).arraySync()).toBe(-Infinity);
  });

  test('infinity stays where it is', () => {
    const ids = tf.tensor1d([2, 1, 7, -1], 'int32');
    const sums = tf.unsortedSegmentSum(tf.tensor1d([-Infinity, -1, 5, 5]), ids, 4);
    expect([...sums.dataSync()]).toEqual([0, -1, -Infinity, 0]);
    const image = tf.tensor4d([1, -Infinity, 3], [1, 1, 3, 1]);
    expect([...tf.image.resizeBilinear(image, [1, 3]).dataSync()]).toEqual([1, -Infinity, 3]);
  });

  test('the greatest are found among infinities and NaN', () => {
    const { values, indices } = tf.topk(
      tf.tensor1d([1, Infinity, -Infinity, Infinity, 2, -Infinity, 3, Number.NaN]),
      5,
    );
    expect([...values.dataSync()]).toEqual([Number.NaN, Infinity, Infinity, 3, 2]);
    expect([...indices.dataSync()]).toEqual([7, 1, 3, 6, 4]);
  });

  test('elu and selu keep small numbers', () => {
    expect(tf.elu(tf.tensor1d([-1e-30])).dataSync()).toEqual(Float32Array.of(-1e-30));
    expect(tf.selu(tf.tensor1d([-1e-30])).dataSync()[0]).toBeCloseTo(-1.7580993e-30, 35);
  });

  test('cutting off more blocks than there are leaves none', () => {
    const crops = [
      [0, 3],
      [0, 0],
    ];
    expect(tf.batchToSpaceND(tf.ones([4, 1, 1, 1]), [2, 2], crops).shape).toEqual([1, 0, 2, 1]);
  });
});
