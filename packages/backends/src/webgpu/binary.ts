import * as tf from '@tensorflow/tfjs-core';
import { broadcastPlaces } from './broadcast.ts';
import { functionsOf } from './functions.ts';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';
import { runProgram } from './program.ts';

type Inputs = { readonly a: tf.TensorInfo; readonly b: tf.TensorInfo };

/** What is computed of two numbers, by their type; `x` and `y` are theirs. */
type Op = {
  /** Of whole numbers, which tfjs takes for float32. */
  readonly i32?: string;
  /** Of float32, where tfjs's own is wrong, and for more than four axes. */
  readonly f32?: string;
  /** Whether tfjs's own is wrong of float32. */
  readonly wrong?: true;
  readonly calls?: readonly string[];
  readonly tests?: true;
};

const comparison = (sign: string): Op => {
  const code = `value = select(0, 1, x ${sign} y);`;
  return { i32: code, f32: code, tests: true };
};
const arithmetic = (code: string): Op => ({ i32: `value = ${code};`, f32: `value = ${code};` });
const logical = (code: string): Op => ({ i32: `value = select(0, 1, ${code});`, tests: true });
/** NaN of NaN, which a driver's `max` may lose. */
const careful = (code: string): string => `value = x; if (isnan(y)) { value = y; } else if (!isnan(x)) { ${code} }`;

const table: { readonly [kernel: string]: Op } = {
  [tf.Add]: arithmetic('x + y'),
  [tf.Sub]: arithmetic('x - y'),
  [tf.Multiply]: arithmetic('x * y'),
  [tf.SquaredDifference]: arithmetic('(x - y) * (x - y)'),
  [tf.RealDiv]: { f32: 'value = x / y;' },
  [tf.Maximum]: { i32: 'value = max(x, y);', f32: careful('value = max(x, y);') },
  [tf.Minimum]: { i32: 'value = min(x, y);', f32: careful('value = min(x, y);') },
  [tf.Equal]: comparison('=='),
  [tf.NotEqual]: comparison('!='),
  [tf.Greater]: comparison('>'),
  [tf.GreaterEqual]: comparison('>='),
  [tf.Less]: comparison('<'),
  [tf.LessEqual]: comparison('<='),
  [tf.LogicalAnd]: logical('x != 0 && y != 0'),
  [tf.LogicalOr]: logical('x != 0 || y != 0'),
  [tf.BitwiseAnd]: { i32: 'value = x & y;' },
  [tf.FloorDiv]: {
    i32: 'value = x / y; if (x % y != 0 && (x < 0) != (y < 0)) { value -= 1; }',
    f32: 'value = floor(x / y);',
  },
  [tf.Mod]: {
    i32: 'value = x % y; if (value != 0 && (value < 0) != (y < 0)) { value += y; }',
    f32: 'value = x - y * trunc(x / y); if (value != 0.0 && (value < 0.0) != (y < 0.0)) { value += y; }',
  },
  // Of a negative power, the whole part of the fraction.
  [tf.Pow]: {
    i32: `value = 1; var base = x; var left = y;
      if (y < 0) { value = select(0, select(1, x, (y & 1) == 1), abs(x) == 1); left = 0; }
      while (left > 0) { if ((left & 1) == 1) { value *= base; } base *= base; left >>= 1u; }`,
    f32: `if (isnan(y)) { value = y; }
      else if (y == 0.0) { value = 1.0; }
      else if (isnan(x)) { value = x; }
      else {
        value = pow(abs(x), y);
        if (x < 0.0 && floor(y) != y) { value = uniforms.NAN; }
        else if ((bitcast<u32>(x) >> 31u) == 1u && abs(y % 2.0) == 1.0) { value = -value; }
      }`,
    wrong: true,
  },
  [tf.Atan2]: {
    f32: careful(`let u = abs(x); let v = abs(y);
      value = 0.0;
      if (u == v) { value = select(0.785398163, 0.0, u == 0.0); }
      else if (u < v) { value = atanOf(u / v); } else { value = 1.57079633 - atanOf(v / u); }
      if ((bitcast<u32>(y) >> 31u) == 1u) { value = 3.14159265 - value; }
      if ((bitcast<u32>(x) >> 31u) == 1u) { value = -value; }`),
    wrong: true,
    calls: ['atanOf'],
  },
  [tf.Prelu]: { f32: 'value = select(x, y * x, x < 0.0);', wrong: true },
};

const isComplex = ({ a, b }: Inputs): boolean => a.dtype === 'complex64' || b.dtype === 'complex64';

/** Whether tfjs broadcasts rightly: along no more than four axes, or not at all. */
const within = ({ a, b }: Inputs): boolean =>
  Math.max(a.shape.length, b.shape.length) <= 4 || `${a.shape}` === `${b.shape}`;

const binary = (name: string, { i32, f32, wrong, calls = [], tests }: Op): WebGpuKernel => {
  const [first, second] = name === tf.Prelu ? ['x', 'alpha'] : ['a', 'b'];
  return webGpuKernel<{ readonly [name: string]: tf.TensorInfo }, object>(
    name,
    ({ inputs, attributes, backend }, replaced) => {
      const pair = { a: inputs[first] as tf.TensorInfo, b: inputs[second] as tf.TensorInfo };
      const both = [pair.a, pair.b];
      const real = both.some(({ dtype }) => dtype === 'float32');
      const code = real ? f32 : i32;
      const strings = both.some(({ dtype }) => dtype === 'string');
      if (!code || strings || isComplex(pair) || (real && !wrong && within(pair))) return replaced(inputs, attributes);
      const { shape, key, uniforms, code: places } = broadcastPlaces(both.map((each) => each.shape));
      const type = real ? 'f32' : 'i32';
      return runProgram(backend, {
        key: `${name}_${type}_${key}`,
        inputs: both,
        shape,
        dtype: tests ? 'bool' : real ? 'float32' : tf.upcastType(pair.a.dtype, pair.b.dtype),
        uniforms,
        functions: functionsOf(...calls),
        code: `${places} let x = ${type}(A[a]); let y = ${type}(B[b]); ${code}`,
      });
    },
  );
};

/** Operations of two tensors: whole numbers modulo 2³², and any number of axes that broadcast. */
export const binaryKernels: readonly WebGpuKernel[] = Object.entries(table).map(([name, op]) => binary(name, op));
