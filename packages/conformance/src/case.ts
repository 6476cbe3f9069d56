import { foldIn, type Key, key, uniform, uniforms } from '@steppe/random';
import { pure, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** A computation that must come out the same on every backend. */
export type Case = {
  /** Tells the cases of a suite apart. */
  readonly name: string;
  /** Computes from fixed inputs, on the current backend; leaves no tensor behind but the ones that it returns. */
  readonly run: () => Tree | Promise<Tree>;
  /** The largest error allowed, relative to the largest number of each tensor; 0 asks for the same numbers. */
  readonly tolerance: number;
  /** Whether a backend may throw here instead of computing; wrong numbers are a failure all the same. */
  readonly refusable?: boolean;
};

/** Draws an input of a case from its key. */
export type Input = (key: Key) => Tensor;

/** Numbers between two bounds, as a float32 input. */
export const reals =
  (shape: number[], low = -1, high = 1): Input =>
  (key) =>
    uniform(key, shape, low, high);

/** Whole numbers from 0 up, below a bound, as an int32 input. */
export const wholes =
  (shape: number[], below: number): Input =>
  (key) =>
    tf.tensor(
      uniforms(key, tf.util.sizeFromShape(shape)).map((u) => Math.floor(u * below)),
      shape,
      'int32',
    );

/** Numbers that are written out, as a float32 input. */
export const exactly =
  (values: number[], shape: number[] = [values.length]): Input =>
  () =>
    tf.tensor(values, shape, 'float32');

const draw = (inputs: readonly Input[]): Tensor[] => inputs.map((input, i) => input(foldIn(key(2010), i)));

/** A case of what an operation gives. */
export const valueCase = (
  name: string,
  inputs: readonly Input[],
  f: (...xs: never[]) => Tree,
  tolerance = 0,
): Case => ({
  name,
  tolerance,
  run: () => pure(() => f(...(draw(inputs) as never[]))),
});

/** A case of what an operation gives and of its gradients for every float32 input, ∂⟨f(x), u⟩/∂x with a fixed u. */
export const gradientCase = (
  name: string,
  inputs: readonly Input[],
  f: (...xs: never[]) => Tensor,
  tolerance = 1e-5,
): Case => ({
  name,
  tolerance,
  run: () =>
    pure(() => {
      const xs = draw(inputs);
      const value = f(...(xs as never[]));
      const u = uniform(key(1412), value.shape, 0.5, 1);
      const real = xs.filter(({ dtype }) => dtype === 'float32');
      const g = (...ws: Tensor[]): Tensor =>
        f(...(xs.map((x) => (real.includes(x) ? (ws[real.indexOf(x)] as Tensor) : x)) as never[]));
      return { value, gradients: tf.grads(g)(real, u) };
    }),
});
