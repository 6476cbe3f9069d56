import type { Numbers } from '../program.ts';
import type { References, Result } from './array.ts';
import { convolutionReferences } from './convolutions.ts';
import { elementwiseReferences } from './elementwise.ts';
import { matrixReferences } from './matrices.ts';

type Options = {
  readonly bias?: Numbers;
  readonly activation: string;
  readonly leakyreluAlpha?: number;
};

type Layer = Options & {
  readonly x: Numbers;
  readonly filter: Numbers;
  readonly strides: readonly number[];
  readonly pad: string;
};

type Product = Options & {
  readonly a: Numbers;
  readonly b: Numbers;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
};

const elementwise = elementwiseReferences as { readonly [call: string]: (...args: readonly unknown[]) => Numbers };
const products = { ...convolutionReferences, ...matrixReferences } as {
  readonly [call: string]: (...args: readonly unknown[]) => Numbers;
};

const apply = (call: string, ...args: readonly unknown[]): Numbers =>
  ((elementwise[call] ?? products[call]) as (...args: readonly unknown[]) => Numbers)(...args);

function finish(y: Numbers, { bias, activation, leakyreluAlpha }: Options): Numbers {
  const sum = bias ? apply('add', y, bias) : y;
  if (activation === 'linear') return sum;
  return activation === 'leakyrelu' ? apply('leakyRelu', sum, leakyreluAlpha) : apply(activation, sum);
}

const layer =
  (call: string) =>
  (options: Layer): Result =>
    finish(apply(call, options.x, options.filter, options.strides, options.pad), options);

export const fusedReferences: References = {
  'fused.conv2d': layer('conv2d'),
  'fused.depthwiseConv2d': layer('depthwiseConv2d'),
  'fused.matMul': (options: Product) =>
    finish(apply('matMul', options.a, options.b, options.transposeA, options.transposeB), options),
};
