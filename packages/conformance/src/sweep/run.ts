import { valueAndGrad } from '@steppe/autograd';
import { key, uniforms } from '@steppe/random';
import { leaves, pure, type Tree } from '@steppe/tree';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Program } from './draw.ts';
import { type Argument, type Call, isCall, isNumbers, type Numbers, numbersOf } from './program.ts';

type Operation = (...args: readonly unknown[]) => Tree;

/** The operation of a name such as `image.resizeBilinear`. */
function operation(name: string): Operation {
  const path = name.split('.');
  const found = path.reduce<unknown>((owner, part) => (owner as Record<string, unknown>)[part], tf);
  if (typeof found !== 'function') throw new Error(`tfjs has no operation ${name}.`);
  return found as Operation;
}

/** Makes an argument of tensors, the tensors by a function of their own. */
function made(argument: Argument, tensor: (numbers: Numbers) => Tensor): unknown {
  if (isNumbers(argument)) return tensor(argument);
  if (isCall(argument)) return called(argument, tensor);
  if (Array.isArray(argument)) return argument.map((each: Argument) => made(each, tensor));
  if (typeof argument === 'object' && argument !== null)
    return Object.fromEntries(Object.entries(argument).map(([name, each]) => [name, made(each, tensor)]));
  return argument;
}

const called = ({ call, args }: Call, tensor: (numbers: Numbers) => Tensor): Tree =>
  operation(call)(...args.map((each) => made(each, tensor)));

const tensorOf = ({ values, shape, dtype }: Numbers): Tensor => tf.tensor([...values], [...shape], dtype);

/** The tensors of a program that it is differentiated for. */
export const parametersOf = ({ args }: Call): readonly Numbers[] =>
  numbersOf(args).filter(({ dtype }) => dtype === 'float32');

/** Fixed weights of a result's entries, between a half and one. */
export const weights = (size: number): readonly number[] =>
  [...uniforms(key(1412), Math.max(1, size))].slice(0, size).map((u) => 0.5 + u / 2);

/** What a program gives on the current backend; or its gradient, of ⟨f(w), u⟩ with fixed weights u. */
export function run(program: Program): Tree {
  return pure(() => {
    if (!program.gradient) return called(program, tensorOf);
    const parameters = parametersOf(program);
    const loss = (params: Tensor[]): Tensor => {
      const outputs = leaves(called(program, (numbers) => params[parameters.indexOf(numbers)] ?? tensorOf(numbers)));
      const real = outputs.map(({ leaf }) => leaf as Tensor).filter(({ dtype }) => dtype === 'float32');
      const sums = real.map((y) => tf.sum(tf.mul(y, tf.tensor([...weights(y.size)], y.shape))));
      return sums.reduce((a, b) => tf.add(a, b));
    };
    return valueAndGrad(loss)(parameters.map(tensorOf), null).grads;
  });
}
