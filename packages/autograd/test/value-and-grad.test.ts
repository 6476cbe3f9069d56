import { dispose, leaves, map, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { unusedLeaves, type ValueAndGrad, valueAndGrad } from '../src/index.ts';

beforeAll(() => tf.setBackend('cpu'));

/** Every test frees what it makes: what is left over afterwards leaked. */
let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors - before).toBe(0));

const numbers = (tree: Tree): number[] => leaves(tree).flatMap(({ leaf }) => [...leaf.dataSync()]);
const sum = (...trees: readonly Tree[]): tf.Scalar =>
  leaves(trees).reduce<tf.Scalar>((total, { leaf }) => tf.add(total, tf.sum(leaf)), tf.scalar(0));

describe('gives value and gradient', () => {
  test('over nested trees, with plain data and empty leaves in them', () => {
    const params = {
      layers: [
        {
          kernel: tf.tensor2d([
            [1, 2],
            [3, 4],
          ]),
          bias: tf.tensor1d([5]),
        },
        null,
      ],
      none: tf.zeros([0, 3]),
      scale: tf.scalar(2),
      note: 'kept',
    };
    const loss = ({ layers, none, scale }: typeof params, batch: { x: tf.Tensor }) =>
      tf.mul(
        scale,
        tf.add(
          sum(
            map(layers, (leaf) => tf.square(leaf)),
            none,
          ),
          tf.sum(batch.x),
        ),
      ) as tf.Scalar;
    const batch = { x: tf.tensor1d([10]) };
    const { value, grads, aux } = valueAndGrad(loss)(params, batch);
    expect(numbers(value)).toEqual([2 * (1 + 4 + 9 + 16 + 25 + 10)]);
    expect(numbers(grads)).toEqual([4, 8, 12, 16, 20, 65]);
    expect(leaves(grads).map(({ path, leaf }) => `${path} [${leaf.shape}]`)).toEqual(
      leaves(params).map(({ path, leaf }) => `${path} [${leaf.shape}]`),
    );
    expect([grads.layers[1], grads.note, aux]).toEqual([null, 'kept', null]);
    dispose(params, batch, value, grads);
  });

  test('over a single tensor, and over an empty tree', () => {
    const w = tf.tensor1d([1, -2]);
    const single = valueAndGrad((x: tf.Tensor, _: null) => tf.sum<tf.Scalar>(tf.square(x)))(w, null);
    expect([numbers(single.value), numbers(single.grads)]).toEqual([[5], [2, -4]]);
    const empty = valueAndGrad((_: Record<string, never>, x: tf.Tensor) => tf.sum<tf.Scalar>(x))({}, w);
    expect([numbers(empty.value), empty.grads]).toEqual([[-1], {}]);
    dispose(w, single, empty);
  });

  test('with zeros for parameters that the loss does not use, which unusedLeaves lists', () => {
    const params = { used: tf.scalar(3), unused: tf.ones([2, 2]) };
    const some = valueAndGrad(({ used }: typeof params, _: null) => tf.square(used))(params, null);
    expect(numbers(some.grads)).toEqual([6, 0, 0, 0, 0]);
    const before = tf.memory().numTensors;
    expect(unusedLeaves(({ used }: typeof params, _: null) => [tf.square(used), { used }], params, null)).toEqual([
      '.unused',
    ]);
    expect(unusedLeaves((_: typeof params, x: tf.Tensor) => tf.sum(x), params, params.unused)).toEqual([
      '.used',
      '.unused',
    ]);
    expect(unusedLeaves((all: typeof params, _: null) => tf.mul(all.used, tf.sum(all.unused)), params, null)).toEqual(
      [],
    );
    expect(tf.memory().numTensors).toBe(before);
    dispose(params, some);
  });

  test('but refuses a loss that uses none of the parameters, and leaves nothing', () => {
    const params = { dense: { kernel: tf.ones([2, 1]) } };
    const layers = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    const x = tf.ones([3, 2]);
    const before = tf.memory().numTensors;
    const loss = valueAndGrad((_: typeof params, images: tf.Tensor) => tf.mean(layers.apply(images) as tf.Tensor));
    expect(() => loss(params, x)).toThrow(
      'The loss uses none of the parameters that it is given (such as ".dense.kernel"), so no step would change them: compute it from its first argument. A tf.LayersModel computes from variables of its own',
    );
    expect(tf.memory().numTensors).toBe(before);
    const two = tf.scalar(2);
    const empty = valueAndGrad((_: Record<string, never>, c: tf.Scalar) => c)({}, two);
    expect(numbers(empty.value)).toEqual([2]);
    layers.dispose();
    dispose(params, x, two, empty);
  });

  test('of a loss that returns a parameter itself', () => {
    const w = { a: tf.scalar(3), b: tf.scalar(4) };
    const itself = valueAndGrad(({ a }: typeof w, _: null) => a)(w, null);
    expect([numbers(itself.value), numbers(itself.grads)]).toEqual([[3], [1, 0]]);
    dispose(itself);
    expect(numbers(w)).toEqual([3, 4]);
    dispose(w);
  });

  test('with a derivative for each of two places that hold one number', () => {
    const w = { a: tf.scalar(3), b: tf.scalar(3) };
    const { value, grads } = valueAndGrad(({ a, b }: typeof w, _: null) => tf.mul(a, b) as tf.Scalar)(w, null);
    expect([numbers(value), numbers(grads)]).toEqual([[9], [3, 3]]);
    dispose(w, value, grads);
  });

  test("with results that are nobody else's tensors: freeing one frees no other", () => {
    const w = { a: tf.scalar(1), b: tf.scalar(2) };
    // The gradients of an addition are one tensor inside tfjs.
    const { value, grads, aux } = valueAndGrad(({ a, b }: typeof w, _: null): readonly [tf.Scalar, Tree] => {
      const total = tf.add<tf.Scalar>(a, b);
      return [total, { total, again: total, a }];
    })(w, null);
    const ids = leaves([w, value, grads, aux]).map(({ leaf }) => leaf.id);
    expect(new Set(ids).size).toBe(8);
    dispose(value, grads.a);
    expect(numbers([w, grads.b, aux])).toEqual([1, 2, 1, 3, 3, 1]);
    dispose(w, grads, aux);
  });

  test('of a loss of shape [1], as a scalar', () => {
    const w = tf.tensor1d([3]);
    const { value, grads } = valueAndGrad((x: tf.Tensor1D, _: null) => tf.square(x) as tf.Tensor as tf.Scalar)(w, null);
    expect([value.shape, numbers(value), numbers(grads)]).toEqual([[], [9], [6]]);
    dispose(w, value, grads);
  });
});

describe('aux', () => {
  const loss = (
    w: tf.Tensor,
    x: tf.Tensor,
  ): readonly [tf.Scalar, { mean: tf.Tensor; count: tf.Tensor; note: string; same: tf.Tensor }] => {
    const mean = tf.mean(x);
    return [tf.sum(tf.mul(w, mean)), { mean, count: tf.scalar(3, 'int32'), note: 'as it is', same: x }];
  };

  test('survives, whatever it is made of', () => {
    const [w, x] = [tf.tensor1d([1, 2]), tf.tensor1d([4, 6])];
    const { value, grads, aux } = valueAndGrad(loss)(w, x);
    expect(numbers([aux.mean, aux.count, aux.same])).toEqual([5, 3, 4, 6]);
    expect([aux.note, aux.count.dtype]).toEqual(['as it is', 'int32']);
    dispose(value, grads, aux);
    expect(numbers(x)).toEqual([4, 6]);
    dispose(w, x);
  });

  test('leaks nothing when nobody takes it: a tidy frees it, as the second pass of SAM does', () => {
    const [w, x] = [tf.tensor1d([1, 2]), tf.tensor1d([4, 6])];
    for (let pass = 0; pass < 3; pass++) dispose(tf.tidy(() => valueAndGrad(loss)(w, x).grads));
    dispose(w, x);
  });

  test('leaks nothing when it cannot be taken', () => {
    const w = tf.scalar(1);
    const gone = tf.scalar(2);
    gone.dispose();
    const broken = (x: tf.Scalar, _: null): readonly [tf.Scalar, Tree] => [tf.square(x), { fine: tf.square(x), gone }];
    expect(() => valueAndGrad(broken)(w, null)).toThrow();
    const array = (x: tf.Scalar, _: null): readonly [tf.Scalar, Tree] => [
      tf.ones([2]) as tf.Tensor as tf.Scalar,
      tf.square(x),
    ];
    expect(() => valueAndGrad(array)(w, null)).toThrow('float32 scalar');
    dispose(w);
  });
});

describe('refuses', () => {
  const w = () => ({ layers: [{ kernel: tf.scalar(1) }] });
  const at =
    <L>(loss: (params: ReturnType<typeof w>, batch: null) => L) =>
    () => {
      const params = w();
      try {
        // What JavaScript may return, and TypeScript refuses.
        valueAndGrad(loss as (params: ReturnType<typeof w>, batch: null) => unknown as () => tf.Scalar)(params, null);
      } finally {
        dispose(params);
      }
    };

  test('a loss that is no scalar, with its shape', () => {
    expect(at(() => tf.ones([2, 3]))).toThrow(
      'The loss must be a float32 scalar, got float32 of shape [2,3]: take tf.mean or tf.sum of it.',
    );
    expect(at(({ layers }) => [tf.ones([2]), layers])).toThrow('got float32 of shape [2]');
  });

  test('a loss of integers', () => {
    expect(at(() => tf.scalar(1, 'int32'))).toThrow('The loss must be a float32 scalar, got int32 of shape []');
  });

  test('a loss that returns nothing, or no tensor', () => {
    expect(at(() => undefined)).toThrow('The loss must return a scalar tensor, or [scalar, aux], got undefined.');
    expect(at(() => null)).toThrow('got null.');
    expect(at(() => 3)).toThrow('got number.');
    expect(at(() => [])).toThrow('got undefined.');
  });

  test('an asynchronous loss, also one that fails later', async () => {
    const message = 'The loss returned a promise: make it a synchronous function, without async and await.';
    const later = async () => {
      await Promise.resolve();
      throw new Error('later');
    };
    expect(at(() => Promise.resolve(1))).toThrow(message);
    expect(at(() => later())).toThrow(message);
    await new Promise((resolve) => setTimeout(resolve));
    expect(() => valueAndGrad(later as never)).toThrow(
      'loss must be a function, got an async function: it must give its result at once.',
    );
  });

  test('a choice of leaves that is none', () => {
    const f = (w: tf.Tensor, _: null) => tf.sum<tf.Scalar>(w);
    const w = tf.scalar(1);
    expect(() => valueAndGrad(f)(w, null, 3 as never)).toThrow('wanted must be a function, got 3.');
    expect(() => valueAndGrad(f).hvp(w, null, w, 3 as never)).toThrow('wanted must be a function, got 3.');
    dispose(w);
  });

  test('parameters that are not float32, with their path', () => {
    const params = { layers: [{ kernel: tf.scalar(1), steps: tf.scalar(1, 'int32') }] };
    const gradient = valueAndGrad(({ layers }: typeof params, _: null) => tf.square(layers[0]?.kernel ?? tf.scalar(0)));
    expect(() => gradient(params, null)).toThrow(
      'Parameters are float32, got int32 at ".layers[0].steps": cast it, or keep it elsewhere.',
    );
    const flag = tf.scalar(true, 'bool');
    expect(() => valueAndGrad((x: tf.Tensor, _: null) => tf.sum<tf.Scalar>(x))(flag, null)).toThrow('got bool at ".":');
    dispose(params, flag);
  });
});

test('one tensor in two places is refused with both paths, and kept once it is used twice', () => {
  const [embedding, x] = [
    tf.tensor2d([
      [1, 2],
      [3, 4],
    ]),
    tf.tensor2d([[1, 0]]),
  ];
  const loss = (
    { embedding: e, output }: { readonly embedding: tf.Tensor2D; readonly output: tf.Tensor2D },
    at: tf.Tensor2D,
  ) => tf.sum<tf.Scalar>(tf.square(tf.matMul(tf.matMul(at, e), output, false, true)));
  const both = { embedding, output: embedding };
  const message = 'One tensor stands at ".embedding" and ".output": keep one and use it twice in the loss';
  expect(() => valueAndGrad(loss)(both, x)).toThrow(message);
  expect(() => valueAndGrad(loss).hvp(both, x, both)).toThrow(message);
  const tied = valueAndGrad((e: tf.Tensor2D, at: tf.Tensor2D) => loss({ embedding: e, output: e }, at))(embedding, x);
  const copy = tf.clone(embedding);
  const parted = valueAndGrad(loss)({ embedding, output: copy }, x);
  const sum = tf.add(parted.grads.embedding, parted.grads.output);
  expect([...tied.grads.dataSync()]).toEqual([...sum.dataSync()]);
  tf.dispose([embedding, copy, x, tied.value, tied.grads, parted.value, parted.grads, sum]);
});

describe('of some leaves', () => {
  type Params = { readonly backbone: tf.Tensor1D; readonly head: tf.Tensor1D };
  let backward = 0;
  /** Counts how often it is differentiated; √ has an infinite derivative at 0. */
  const features = tf.customGrad((x, save) => {
    (save as (tensors: tf.Tensor[]) => void)([x as tf.Tensor]);
    return {
      value: tf.sqrt(x as tf.Tensor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        backward += 1;
        return tf.div(dy, tf.mul(tf.sqrt(saved[0] as tf.Tensor), 2));
      },
    };
  });
  const loss = ({ backbone, head }: Params, x: tf.Tensor1D) =>
    tf.sum<tf.Scalar>(tf.mul(tf.square(tf.mul(head, x)), tf.add(features(backbone), 1)));
  const params = (): Params => ({ backbone: tf.tensor1d([0, 4]), head: tf.tensor1d([1, 2]) });
  const isHead = (path: string) => path === '.head';

  test('the gradient is that of all where they are, zero elsewhere, and goes nowhere that only leads to the others', () => {
    tf.tidy(() => {
      const [w, x] = [params(), tf.tensor1d([1, 1])];
      backward = 0;
      const { grads, value } = valueAndGrad(loss)(w, x, isHead);
      expect(backward).toBe(0);
      expect([...grads.backbone.dataSync(), ...grads.head.dataSync()]).toEqual([0, 0, 2, 12]);
      expect(value.arraySync()).toBe(1 + 12);
      expect([...valueAndGrad(loss)(w, x).grads.backbone.dataSync()]).toEqual([Number.POSITIVE_INFINITY, 1]);
      expect(backward).toBe(1);
    });
  });

  test('the Hessian product is by their block of the Hessian', () => {
    tf.tidy(() => {
      const v = { backbone: tf.zeros([2]) as tf.Tensor1D, head: tf.tensor1d([1, 10]) };
      const product = valueAndGrad(loss).hvp(params(), tf.tensor1d([1, 1]), v, isHead);
      expect([...product.backbone.dataSync(), ...product.head.dataSync()]).toEqual([0, 0, 2, 60]);
    });
  });

  test('that the loss does not use are refused, none of them are fine, and nothing is left', () => {
    const w = { ...params(), unused: tf.scalar(1) };
    const x = tf.tensor1d([1, 1]);
    const before = tf.memory().numTensors;
    const of = valueAndGrad((all: typeof w, at: tf.Tensor1D) => loss(all, at));
    expect(() => of(w, x, (path) => path === '.unused')).toThrow('such as ".unused"');
    const { value, grads } = of(w, x, () => false);
    expect([...grads.head.dataSync()]).toEqual([0, 0]);
    dispose(value, grads);
    expect(tf.memory().numTensors).toBe(before);
    dispose(w, x);
  });
});

test('types follow the loss', () => {
  type Params = { readonly w: tf.Tensor2D };
  const plain = valueAndGrad((params: Params, x: tf.Tensor1D) => tf.sum<tf.Scalar>(tf.mul(params.w, x)));
  expectTypeOf(plain).parameter(0).toEqualTypeOf<Params>();
  expectTypeOf(plain).parameter(1).toEqualTypeOf<tf.Tensor1D>();
  expectTypeOf(plain).returns.toEqualTypeOf<ValueAndGrad<Params, null>>();
  const withAux = valueAndGrad(
    (params: Params, _: null) => [tf.sum<tf.Scalar>(params.w), { hits: tf.scalar(1) }] as const,
  );
  expectTypeOf(withAux).returns.toEqualTypeOf<ValueAndGrad<Params, { readonly hits: tf.Scalar }>>();
  // @ts-expect-error: a loss is a tensor
  valueAndGrad((_: Params, __: null) => 1);
  // @ts-expect-error: a loss is no promise
  expect(() => valueAndGrad(async (params: Params, _: null) => tf.sum<tf.Scalar>(params.w))).toThrow(
    'got an async function',
  );
  // @ts-expect-error: parameters are trees of tensors
  valueAndGrad((_: Date, __: null) => tf.scalar(1));
});

describe('refuses parameters that no step could train', () => {
  const square = (w: tf.Tensor) => tf.sum(tf.square(w));

  test('numbers of JavaScript in the place of tensors', () => {
    const loss = (w: number[]) => tf.sum(tf.square(w));
    expect(() => valueAndGrad(loss)([1, 2], null)).toThrow(
      'The parameters must hold a tensor, got a list of 2: write numbers as tf.tensor(...).',
    );
  });

  test('a tensor that is disposed of, by its path', () => {
    const params = { kernel: tf.scalar(1) };
    dispose(params);
    expect(() => valueAndGrad(({ kernel }: typeof params) => square(kernel))(params, null)).toThrow(
      'The parameter at ".kernel" was disposed of before this gradient.',
    );
  });

  test('an object that holds itself, as a tf.LayersModel does', () => {
    type Model = { name: string; self?: { model: Model } };
    const model: Model = { name: 'dense' };
    model.self = { model };
    expect(() => valueAndGrad((_: Model, __: null) => tf.scalar(0))(model, null)).toThrow(
      'A tree ends in tensors and plain data, this one holds itself, as a model does: .self.model.self.model.',
    );
  });
});
