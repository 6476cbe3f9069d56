import * as tf from '@tensorflow/tfjs';
import { type Array64, at, places, scatter, sum } from './array64.ts';
import { counts, type Lattice, lattices, met } from './geometry.ts';
import { array, between, type Case } from './problem.ts';

type Axes = 2 | 3;
type Padding = 'same' | 'valid' | number;

const imageOf = ({ batch, size, channels }: Lattice): number[] => [batch, ...size, channels];

/** All products of a convolution: places of x, filter and y. */
function* products(lattice: Lattice, depthwise: boolean) {
  const { batch, channels, outputs } = lattice;
  for (const [n = 0, ...place] of places([batch, ...counts(lattice)]))
    for (const { tap, cell } of met(lattice, place))
      for (const [c = 0, o = 0] of places([channels, outputs]))
        yield {
          x: [n, ...cell, c],
          filter: [...tap, c, o],
          y: [n, ...place, depthwise ? c * outputs + o : o],
        };
}

const convolution = (
  name: string,
  axes: Axes,
  op: (lattice: Lattice, x: tf.Tensor, filter: tf.Tensor) => tf.Tensor,
  depthwise = false,
): readonly Case[] =>
  [true, false].map((holes) => ({
    name: `${name} ${holes ? 'with holes' : 'of any geometry'}`,
    problems: lattices(axes, holes)
      // A volume is padded by name alone.
      .filter(({ pad }) => axes === 2 || typeof pad === 'string')
      .map((lattice) => ({
        inputs: [
          array(imageOf(lattice), lattice.seed),
          array([...lattice.window, lattice.channels, lattice.outputs], lattice.seed + 0.3),
        ],
        op: (x, filter) => op(lattice, x, filter),
        op64: (x, filter) => {
          const channels = depthwise ? lattice.channels * lattice.outputs : lattice.outputs;
          return scatter(
            [lattice.batch, ...counts(lattice), channels],
            Array.from(
              products(lattice, depthwise),
              (term) => [term.y, at(x, term.x) * at(filter, term.filter)] as const,
            ),
          );
        },
      })),
  }));

type Quad = [number, number];
type Triple = [number, number, number];

const cellsOf = (lattice: Lattice, [n = 0, ...rest]: readonly number[]): number[][] =>
  met(lattice, rest.slice(0, -1)).map(({ cell }) => [n, ...cell, rest.at(-1) ?? 0]);

const mean = (x: Array64, cells: number[][]): number => sum(cells.map((cell) => at(x, cell))) / cells.length;
const most = (x: Array64, cells: number[][]): number => Math.max(...cells.map((cell) => at(x, cell)));

const pool = (
  name: string,
  axes: Axes,
  f: (x: Array64, cells: number[][]) => number,
  op: (lattice: Lattice, x: tf.Tensor) => tf.Tensor,
): Case => ({
  name: `${name} of any geometry`,
  problems: lattices(axes, false)
    .filter((lattice) => places(counts(lattice)).every((place) => met(lattice, place).length > 0))
    .map((lattice) => ({
      inputs: [array(imageOf(lattice), lattice.seed, between(-2, -0.5))],
      op: (x) => op(lattice, x),
      op64: (x) => {
        const shape = [lattice.batch, ...counts(lattice), lattice.channels];
        return { shape, data: places(shape).map((place) => f(x, cellsOf(lattice, place))) };
      },
    })),
});

/** Windows as every kernel has them. */
const plain = lattices(3, false).filter(
  ({ pad, window, strides }) => typeof pad === 'string' && strides.every((stride, i) => stride <= (window[i] ?? 1)),
);
const kernel = (name: string, inputs: tf.NamedTensorMap, attrs: object): tf.Tensor =>
  tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap);

/** The gradients of operations on volumes, as operations of their own. */
const volumes: readonly Case[] = [
  ...(['x', 'filter'] as const).map((view) => ({
    name: `conv3d, gradient for the ${view === 'x' ? 'input' : 'filter'}`,
    problems: plain.map((lattice) => {
      const { window, channels, outputs, batch, strides, pad, seed } = lattice;
      const filterShape = [...window, channels, outputs];
      const [other, name] =
        view === 'x' ? (['filter', 'Conv3DBackpropInputV2'] as const) : (['x', 'Conv3DBackpropFilterV2'] as const);
      const shape = view === 'x' ? imageOf(lattice) : filterShape;
      return {
        inputs: [
          array([batch, ...counts(lattice), outputs], seed),
          array(view === 'x' ? filterShape : imageOf(lattice), seed + 0.3),
        ],
        op: (dy: tf.Tensor, second: tf.Tensor) =>
          kernel(name, { dy, [other]: second }, { strides, pad, inputShape: shape, filterShape: shape }),
        op64: (dy: Array64, second: Array64) =>
          scatter(
            shape,
            Array.from(
              products(lattice, false),
              (term) => [term[view], at(dy, term.y) * at(second, term[other])] as const,
            ),
          ),
      };
    }),
  })),
  ...(['avg', 'max'] as const).map((kind) => ({
    name: `${kind}Pool3d, its gradient`,
    problems: plain
      .filter(({ window }) => new Set(window).size === 1)
      .map((lattice) => {
        const { batch, channels, window, strides, pad, seed } = lattice;
        const x = array(imageOf(lattice), seed + 0.7);
        const attrs = { filterSize: window, strides, pad };
        const shape = [batch, ...counts(lattice), channels];
        return {
          inputs: [array(shape, seed)],
          op: (dy: tf.Tensor) => {
            const input = tf.tensor([...x.data], [...x.shape]);
            if (kind === 'avg') return kernel('AvgPool3DGrad', { dy, input }, attrs);
            return kernel('MaxPool3DGrad', { dy, input, output: kernel('MaxPool3D', { x: input }, attrs) }, attrs);
          },
          op64: (dy: Array64) =>
            scatter(
              x.shape,
              places(shape).flatMap((place) => {
                const cells = cellsOf(lattice, place);
                const chosen = kind === 'avg' ? cells : cells.filter((cell) => at(x, cell) === most(x, cells));
                // As tfjs's kernel has it, of a window that reaches out, too.
                const share = kind === 'avg' ? window.reduce((a, b) => a * b, 1) : 1;
                return chosen.map((cell) => [cell, at(dy, place) / share] as const);
              }),
            ),
        };
      }),
  })),
];

/** Greyscale dilation: the largest sum of a cell and the filter's entry. */
const dilation: Case = {
  name: 'dilation2d',
  problems: lattices(2, true)
    .filter(({ pad }) => typeof pad === 'string')
    .filter((lattice) => places(counts(lattice)).every((place) => met(lattice, place).length > 0))
    .map((lattice) => {
      const { batch, window, channels, strides, pad, holes, seed } = lattice;
      return {
        inputs: [array(imageOf(lattice), seed), array([...window, channels], seed + 0.3)],
        op: (x, filter) =>
          tf.dilation2d(x as tf.Tensor4D, filter as tf.Tensor3D, strides as Quad, pad as 'same', holes as Quad),
        op64: (x, filter) => {
          const shape = [batch, ...counts(lattice), channels];
          const sums = ([n = 0, i = 0, j = 0, c = 0]: readonly number[]): number[] =>
            met(lattice, [i, j]).map(({ tap, cell }) => at(x, [n, ...cell, c]) + at(filter, [...tap, c]));
          return { shape, data: places(shape).map((place) => Math.max(...sums(place))) };
        },
      };
    }),
};

/** Convolutions and pools whose windows lie where not every kernel of tfjs has them. */
export const latticeCases: readonly Case[] = [
  ...convolution('conv2d', 2, ({ strides, pad, holes, rounding }, x, filter) =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides as Quad, pad, 'NHWC', holes as Quad, rounding),
  ),
  ...convolution(
    'depthwiseConv2d',
    2,
    ({ strides, pad, holes, rounding }, x, filter) =>
      tf.depthwiseConv2d(
        x as tf.Tensor4D,
        filter as tf.Tensor4D,
        strides as Quad,
        pad,
        'NHWC',
        holes as Quad,
        rounding,
      ),
    true,
  ),
  ...convolution('conv3d', 3, ({ strides, pad, holes }, x, filter) =>
    tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, strides as Triple, pad as 'same', 'NDHWC', holes as Triple),
  ),
  ...volumes,
  dilation,
  pool('avgPool', 2, mean, ({ window, strides, pad, rounding }, x) =>
    tf.avgPool(x as tf.Tensor4D, window as Quad, strides as Quad, pad as Padding, rounding),
  ),
  pool('maxPool', 2, most, ({ window, strides, pad, rounding }, x) =>
    tf.maxPool(x as tf.Tensor4D, window as Quad, strides as Quad, pad as Padding, rounding),
  ),
  pool('avgPool3d', 3, mean, ({ window, strides, pad, rounding }, x) =>
    tf.avgPool3d(x as tf.Tensor5D, window as Triple, strides as Triple, pad as Padding, rounding),
  ),
  pool('maxPool3d', 3, most, ({ window, strides, pad, rounding }, x) =>
    tf.maxPool3d(x as tf.Tensor5D, window as Triple, strides as Triple, pad as Padding, rounding),
  ),
];
