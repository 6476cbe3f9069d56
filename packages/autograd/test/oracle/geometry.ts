import { fc } from '@fast-check/vitest';
import { places } from './array64.ts';
import { seeds } from './problem.ts';

export type Rounding = 'floor' | 'round' | 'ceil';

/** Windows of any geometry along one axis: where they begin, and which entries each one meets. */
type Line = { size: number; window: number; stride: number; hole: number };

/** Windows over one to three axes. */
export type Lattice = {
  readonly size: readonly number[];
  readonly window: readonly number[];
  readonly strides: readonly number[];
  readonly holes: readonly number[];
  readonly pad: 'same' | 'valid' | number;
  readonly rounding: Rounding | undefined;
  readonly batch: number;
  readonly channels: number;
  readonly outputs: number;
  readonly seed: number;
};

const rounded = { floor: Math.floor, round: Math.round, ceil: Math.ceil };

/** How many windows there are, and how far before the axis the first one begins. */
function laid({ size, window, stride, hole }: Line, { pad, rounding = 'floor' }: Lattice): readonly [number, number] {
  const length = (window - 1) * hole + 1;
  if (pad === 'same') {
    const out = Math.ceil(size / stride);
    return [out, Math.floor(((out - 1) * stride + length - size) / 2)];
  }
  const around = pad === 'valid' ? 0 : pad;
  return [rounded[rounding]((size + 2 * around - length) / stride) + 1, around];
}

/** How many windows there are along each axis. */
export function counts(lattice: Lattice): number[] {
  return lines(lattice).map(([out]) => out);
}

/** By axis, [windows, before]. Of two axes padded by a number, tfjs counts windows by the height's. */
function lines(lattice: Lattice): (readonly [number, number])[] {
  const { size, window, strides, holes, pad } = lattice;
  const planar = size.length === 2;
  return size.map((n, axis) => {
    const by = planar && typeof pad === 'number' ? 0 : axis;
    const line = { size: n, window: window[by] ?? 1, stride: strides[by] ?? 1, hole: holes[by] ?? 1 };
    const [out, before] = laid(line, lattice);
    return [out, Math.max(0, before)] as const;
  });
}

/** The places that the window at `place` meets, and where in the window they are. */
export function met(lattice: Lattice, place: readonly number[]): { tap: number[]; cell: number[] }[] {
  const begins = lines(lattice).map(([, before], axis) => (place[axis] ?? 0) * (lattice.strides[axis] ?? 1) - before);
  return places(lattice.window)
    .map((tap) => ({ tap, cell: tap.map((i, axis) => (begins[axis] ?? 0) + i * (lattice.holes[axis] ?? 1)) }))
    .filter(({ cell }) => cell.every((i, axis) => i >= 0 && i < (lattice.size[axis] ?? 0)));
}

const each = (axes: number, min: number, max: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max }), { minLength: axes, maxLength: axes });

/** Windows with holes, or strides beyond the window and the image, roundings up, windows that reach out. */
export const lattices = (axes: 2 | 3, holes: boolean): fc.Arbitrary<Lattice> =>
  fc
    .record({
      size: each(axes, 1, axes === 2 ? 5 : 3),
      window: each(axes, 1, axes === 2 ? 3 : 2),
      strides: fc.oneof(
        each(axes, 1, 4),
        fc.integer({ min: 1, max: 3 }).map((n) => new Array<number>(axes).fill(n)),
      ),
      holes: holes ? each(axes, 1, 3) : fc.constant(new Array<number>(axes).fill(1)),
      pad: fc.constantFrom('same' as const, 'valid' as const, 0, 1),
      rounding: fc.constantFrom<Rounding | undefined>(undefined, 'floor', 'round', 'ceil', 'ceil'),
      batch: fc.integer({ min: 1, max: 2 }),
      channels: fc.integer({ min: 1, max: 2 }),
      outputs: fc.integer({ min: 1, max: 2 }),
      seed: seeds,
    })
    .map((lattice) => {
      // Either strides or holes; tfjs rounds only what is padded by a number.
      const strides = lattice.holes.some((hole) => hole > 1) ? lattice.size.map(() => 1) : lattice.strides;
      return { ...lattice, strides, rounding: typeof lattice.pad === 'number' ? lattice.rounding : undefined };
    })
    .filter((lattice) => counts(lattice).every((out) => out > 0))
    // Where strides are longer than windows, tfjs's own kernels for volumes begin inside of the image.
    .filter(
      ({ pad, window, strides }) => axes === 2 || pad !== 'same' || strides.every((s, i) => s <= (window[i] ?? 1)),
    );
