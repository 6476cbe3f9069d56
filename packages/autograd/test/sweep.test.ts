import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { valueAndGrad } from '../src/index.ts';

/** A kernel of the CPU backend that gives its input, with a gradient rule to be tried. */
function registerCopy(kernelName: string, gradFunc: tf.GradFunc): void {
  tf.registerKernel({
    kernelName,
    backendName: 'cpu',
    kernelFunc: ({ inputs, backend }) => {
      const { dataId, shape, dtype } = inputs.x as tf.TensorInfo;
      const cpu = backend as tf.KernelBackend;
      return { dataId: cpu.write(cpu.readSync(dataId) as Float32Array, shape, dtype), shape, dtype };
    },
  });
  tf.registerGradient({ kernelName, inputsToSave: ['x'], gradFunc });
}

/** How many tensors there are when a sweep comes to `SteppeCounts`. */
const live: number[] = [];

const rules: Readonly<Record<string, tf.GradFunc>> = {
  SteppeThrows: () => {
    throw new Error('a rule that throws');
  },
  SteppeThrowsLate: (dy) => {
    tf.square(dy as tf.Tensor);
    return {
      x: () => {
        tf.square(dy as tf.Tensor);
        throw new Error('a rule that throws late');
      },
    };
  },
  SteppeShape: () => ({ x: () => tf.ones([7]) }),
  SteppeForgets: () => ({}),
  SteppeCounts: (dy) => ({
    x: () => {
      live.push(tf.memory().numTensors);
      return tf.clone(dy as tf.Tensor);
    },
  }),
};

beforeAll(async () => {
  await tf.setBackend('cpu');
  for (const [name, rule] of Object.entries(rules)) registerCopy(name, rule);
});
afterAll(() => {
  for (const name of Object.keys(rules)) {
    tf.unregisterKernel(name, 'cpu');
    tf.unregisterGradient(name);
  }
});

let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors - before).toBe(0));

const copy = (kernelName: string, x: tf.Tensor): tf.Tensor => tf.engine().runKernel(kernelName, { x });
const kernelLoss = (kernelName: string) => (w: tf.Tensor, _: Tree) =>
  tf.sum<tf.Scalar>(tf.exp(copy(kernelName, tf.exp(w))));
const squares = (w: tf.Tensor, _: Tree) => tf.sum<tf.Scalar>(tf.exp(tf.mul(w, w)));

/** After whatever went wrong, the next gradient is right. */
function expectWorking(): void {
  const w = tf.tensor1d([0, 1]);
  const { value, grads } = valueAndGrad(squares)(w, null);
  const [first, second] = grads.dataSync();
  expect(first).toBe(0);
  expect(second).toBeCloseTo(2 * Math.E, 5);
  dispose(w, value, grads);
}

describe('an exception leaves nothing, and the next gradient is right, when it comes from', () => {
  test('the loss, after operations that saved tensors', () => {
    const w = tf.tensor1d([1, 2]);
    const failing = valueAndGrad((x: tf.Tensor, _: null): tf.Scalar => {
      tf.exp(tf.square(tf.exp(x)));
      throw new Error('in the loss');
    });
    expect(() => failing(w, null)).toThrow('in the loss');
    dispose(w);
    expect(tf.memory().numTensors).toBe(before);
    expectWorking();
  });

  test.each([
    ['SteppeThrows', 'a rule that throws'],
    ['SteppeThrowsLate', 'a rule that throws late'],
    ['SteppeShape', 'The gradient of SteppeShape with respect to "x" has shape [7], its input has [2].'],
    ['SteppeForgets', 'SteppeForgets has no gradient with respect to its input "x".'],
  ])('the gradient rule of %s', (kernelName, message) => {
    const w = tf.tensor1d([1, 2]);
    expect(() => valueAndGrad(kernelLoss(kernelName))(w, null)).toThrow(message);
    dispose(w);
    expect(tf.memory().numTensors).toBe(before);
    expectWorking();
  });

  test('an operation without a gradient, with its name', () => {
    const w = tf.tensor1d([1, 2]);
    const loss = (x: tf.Tensor, _: null) => tf.sum<tf.Scalar>(tf.unique(tf.exp(x)).values);
    expect(() => valueAndGrad(loss)(w, null)).toThrow(
      'Unique has no gradient: write it with operations that have one, or keep it out of the loss.',
    );
    dispose(w);
    expectWorking();
  });

  test('a gradient inside the loss', () => {
    const w = tf.tensor1d([1, 2]);
    for (const inner of [kernelLoss('SteppeThrows'), kernelLoss('SteppeShape')]) {
      const outer = valueAndGrad((x: tf.Tensor, _: null) => {
        const { value } = valueAndGrad(inner)(tf.exp(x), null);
        return value;
      });
      expect(() => outer(w, null)).toThrow();
      expect(tf.memory().numTensors).toBe(before + 1);
    }
    dispose(w);
    expectWorking();
  });
});

describe('gradients in gradients', () => {
  test('a failed one that the loss catches leaves nothing and changes nothing', () => {
    const w = tf.tensor1d([0, 1]);
    const { value, grads } = valueAndGrad((x: tf.Tensor, _: null) => {
      expect(() => valueAndGrad(kernelLoss('SteppeThrowsLate'))(tf.exp(x), null)).toThrow('a rule that throws late');
      return squares(x, null);
    })(w, null);
    expect(grads.dataSync()[1]).toBeCloseTo(2 * Math.E, 5);
    dispose(w, value, grads);
  });

  test('the gradient of a gradient is exact: ∇(½‖∇L‖²) = ∇²L·∇L', () => {
    const w = tf.tensor1d([0.5, -1]);
    // L = Σ exp(w²): L' = 2w·exp(w²), L'' = (2 + 4w²)·exp(w²).
    const { value, grads } = valueAndGrad((x: tf.Tensor, _: null) => {
      const inner = valueAndGrad(squares)(x, null);
      return tf.mul(tf.sum(tf.square(inner.grads)), 0.5) as tf.Scalar;
    })(w, null);
    const expected = [0.5, -1].map((x) => (2 + 4 * x * x) * Math.exp(x * x) * 2 * x * Math.exp(x * x));
    for (const [i, g] of grads.dataSync().entries()) expect(g / (expected[i] ?? 0)).toBeCloseTo(1, 5);
    dispose(w, value, grads);
  });

  test('an inner gradient whose result is not used leaves the outer one as it is', () => {
    const w = tf.tensor1d([0, 1]);
    const { value, grads } = valueAndGrad((x: tf.Tensor, _: null) => {
      valueAndGrad(squares)(x, null);
      return squares(x, null);
    })(w, null);
    expect(grads.dataSync()[1]).toBeCloseTo(2 * Math.E, 5);
    dispose(w, value, grads);
  });

  test('taken by a gradient rule leave the tape that is being walked as it is', () => {
    const w = tf.tensor1d([0, 1]);
    const recomputes = tf.customGrad((x, save) => {
      (save as tf.GradSaveFunc)([x as tf.Tensor]);
      const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) =>
        tf.mul(dy, valueAndGrad(squares)(saved as tf.Tensor, null).grads);
      return { value: squares(x as tf.Tensor, null), gradFunc };
    });
    const loss = (x: tf.Tensor): tf.Scalar => tf.mul(recomputes(tf.exp(tf.sin(tf.mul(x, 0)))), tf.sum(tf.square(x)));
    const results = [tf.grad(loss)(w), valueAndGrad((x: tf.Tensor, _: null) => loss(x))(w, null)] as const;
    expect(tf.memory().numTensors - before).toBe(1 + 3);
    for (const gradient of [results[0], results[1].grads]) expect(gradient.dataSync()[1]).toBeCloseTo(4 * Math.E, 4);
    dispose(w, results);
  });

  test('stand beside gradients that tfjs takes itself', () => {
    const w = tf.tensor1d([0, 1]);
    const inside = tf.tidy(() => {
      const g = tf.grad((x) => valueAndGrad(squares)(x, null).value)(w);
      return [...g.dataSync()];
    });
    expect(inside[1]).toBeCloseTo(2 * Math.E, 5);
    dispose(w);
    expectWorking();
  });
});

test('a sweep frees activations and sums on its way: what is left at its end does not grow with what came before', () => {
  const w = tf.tensor1d([0.1, 0.2]);
  const atTheEnd = (depth: number): number => {
    live.length = 0;
    const loss = (x: tf.Tensor, _: null) => {
      const start = copy('SteppeCounts', x);
      const links = Array.from({ length: depth });
      return tf.sum<tf.Scalar>(links.reduce<tf.Tensor>((h) => tf.add(tf.sin(h), tf.exp(start)), start));
    };
    dispose(valueAndGrad(loss)(w, null));
    return live[0] ?? Number.NaN;
  };
  expect(atTheEnd(40)).toBe(atTheEnd(5));
  dispose(w);
});

test('five hundred gradients leave their results and nothing else', () => {
  const params = { w: tf.tensor1d([1, 2]), unused: tf.scalar(1) };
  const gradient = valueAndGrad(({ w }: typeof params, x: tf.Tensor): readonly [tf.Scalar, Tree] => {
    const hidden = tf.tanh(tf.mul(tf.softmax(w), x));
    return [tf.mean(tf.exp(hidden)), { hidden }];
  });
  const x = tf.tensor1d([3, 4]);
  const results = Array.from({ length: 500 }, () => gradient(params, x));
  expect(tf.memory().numTensors - before).toBe(3 + 4 * 500);
  dispose(params, x, results);
});
