import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { type Case, exactly, gradientCase, reals, valueCase, wholes } from './case.ts';

type Unary = (x: Tensor) => Tensor;
type Binary = (a: Tensor, b: Tensor) => Tensor;

/** Shapes that no vector of 4, 8 or 16 numbers divides. */
const ragged = [3, 5, 7];

const unary: Readonly<Record<string, readonly [Unary, low?: number, high?: number]>> = {
  Abs: [tf.abs],
  ClipByValue: [(x) => tf.clipByValue(x, -0.5, 0.25)],
  Cos: [tf.cos, -3, 3],
  Elu: [tf.elu],
  Erf: [tf.erf, -2, 2],
  Exp: [tf.exp],
  Expm1: [tf.expm1],
  LeakyRelu: [(x) => tf.leakyRelu(x, 0.1)],
  Log: [tf.log, 0.1, 3],
  Log1p: [tf.log1p, -0.5, 3],
  Neg: [tf.neg],
  Reciprocal: [tf.reciprocal, 0.5, 2],
  Relu: [tf.relu],
  Relu6: [tf.relu6, -3, 9],
  Rsqrt: [tf.rsqrt, 0.5, 2],
  Selu: [tf.selu],
  Sigmoid: [tf.sigmoid, -4, 4],
  Sin: [tf.sin, -3, 3],
  Softplus: [tf.softplus, -4, 4],
  Sqrt: [tf.sqrt, 0.5, 2],
  Square: [tf.square],
  Tanh: [tf.tanh, -2, 2],
};

const binary: Readonly<Record<string, readonly [Binary, low?: number, high?: number]>> = {
  Add: [tf.add],
  Sub: [tf.sub],
  Multiply: [tf.mul],
  RealDiv: [tf.div, 0.5, 2],
  Pow: [tf.pow, 0.5, 2],
};

/** These have no gradient in tfjs where they broadcast. */
const binaryOfOneShape: Readonly<Record<string, Binary>> = {
  Maximum: tf.maximum,
  Minimum: tf.minimum,
  SquaredDifference: tf.squaredDifference,
};

const stepwise: Readonly<Record<string, Unary>> = {
  Ceil: tf.ceil,
  Floor: tf.floor,
  Round: tf.round,
  Sign: tf.sign,
  Step: (x) => tf.step(x, 0.5),
};

const table = <Value>(entries: Readonly<Record<string, Value>>, make: (name: string, value: Value) => Case): Case[] =>
  Object.entries(entries).map(([name, value]) => make(name, value));

/** Functions of single entries, of entries in pairs, and what they do to infinities and NaN. */
export const elementwiseCases: readonly Case[] = [
  ...table(unary, (name, [f, low = -1, high = 1]) => gradientCase(name, [reals(ragged, low, high)], f)),
  ...table(stepwise, (name, f) => valueCase(name, [reals(ragged, -4, 4)], f)),
  ...table(binary, (name, [f, low = -1, high = 1]) =>
    gradientCase(name, [reals(ragged, low, high), reals(ragged, low, high)], f),
  ),
  ...table(binary, (name, [f, low = -1, high = 1]) =>
    gradientCase(`${name}, broadcast`, [reals(ragged, low, high), reals([5, 1], low, high)], f),
  ),
  ...table(binaryOfOneShape, (name, f) => gradientCase(name, [reals(ragged), reals(ragged)], f)),
  ...table(binaryOfOneShape, (name, f) => valueCase(`${name}, broadcast`, [reals(ragged), reals([5, 1])], f, 1e-6)),
  valueCase('Mod', [reals(ragged, -9, 9), reals([7], 1, 4)], tf.mod, 1e-5),
  valueCase('FloorDiv', [wholes(ragged, 90), wholes([7], 9)], (a: Tensor, b: Tensor) =>
    tf.floorDiv(tf.sub(a, tf.scalar(45, 'int32')), tf.add(b, tf.scalar(1, 'int32'))),
  ),
  gradientCase('Prelu', [reals(ragged), reals(ragged, 0.1, 0.3)], tf.prelu),
  gradientCase('AddN of three', [reals(ragged), reals(ragged), reals(ragged)], (...xs: Tensor[]) => tf.addN(xs)),
  gradientCase('Gelu by Erf', [reals(ragged, -3, 3)], (x: Tensor) =>
    tf.mul(x, tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5)),
  ),
  valueCase('NaN spreads', [exactly([Number.NaN, -1, 0, 1])], (x: Tensor1D) => ({
    add: tf.add(x, 1),
    exp: tf.exp(x),
    mean: tf.mean(x),
    mul: tf.mul(x, 0),
    sqrt: tf.sqrt(tf.square(x)),
    sum: tf.sum(x),
  })),
  valueCase('infinities', [exactly([-1, 0, 1])], (x: Tensor1D) => ({
    div: tf.div(x, 0),
    exp: tf.exp(tf.mul(x, 1000)),
    finite: tf.isFinite(tf.div(x, 0)),
    log: tf.log(tf.abs(x)),
    sqrt: tf.sqrt(x),
  })),
];
