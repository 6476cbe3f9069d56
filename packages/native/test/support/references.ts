/** One sum in float64, and the sum of its terms' magnitudes, which error bounds are relative to. */
export type Sums = { readonly values: Float64Array; readonly magnitudes: Float64Array; terms: number };

/** A convolution's extents, with the padding at the top and the left. */
export type Extents = {
  readonly [name in
    | 'n'
    | 'h'
    | 'w'
    | 'c'
    | 'kh'
    | 'kw'
    | 'o'
    | 'oh'
    | 'ow'
    | 'sh'
    | 'sw'
    | 'd'
    | 'top'
    | 'left']: number;
};

const sums = (size: number): Sums => ({
  values: new Float64Array(size),
  magnitudes: new Float64Array(size),
  terms: 0,
});

function add(to: Sums, at: number, term: number): void {
  to.values[at] = (to.values[at] ?? 0) + term;
  to.magnitudes[at] = (to.magnitudes[at] ?? 0) + Math.abs(term);
}

/** All products of a convolution, by the places of their factors: what every one of its three sums is made of. */
function eachProduct(e: Extents, visit: (x: number, w: number, y: number) => void): void {
  for (let n = 0; n < e.n; n++)
    for (let i = 0; i < e.oh; i++)
      for (let j = 0; j < e.ow; j++)
        for (let k = 0; k < e.kh; k++)
          for (let l = 0; l < e.kw; l++) {
            const [row, column] = [i * e.sh + k * e.d - e.top, j * e.sw + l * e.d - e.left];
            if (row < 0 || column < 0 || row >= e.h || column >= e.w) continue;
            const x = ((n * e.h + row) * e.w + column) * e.c;
            const w = (k * e.kw + l) * e.c * e.o;
            const y = ((n * e.oh + i) * e.ow + j) * e.o;
            for (let c = 0; c < e.c; c++) for (let o = 0; o < e.o; o++) visit(x + c, w + c * e.o + o, y + o);
          }
}

/** y, dx and dw of a convolution, in float64. */
export function convolution(
  e: Extents,
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  dy: ArrayLike<number>,
): readonly [y: Sums, dx: Sums, dw: Sums] {
  const all = [sums(dy.length), sums(x.length), sums(w.length)] as const;
  const at = (values: ArrayLike<number>, i: number): number => values[i] ?? Number.NaN;
  eachProduct(e, (i, j, k) => {
    add(all[0], k, at(x, i) * at(w, j));
    add(all[1], i, at(dy, k) * at(w, j));
    add(all[2], j, at(x, i) * at(dy, k));
  });
  const terms = [e.kh * e.kw * e.c, e.kh * e.kw * e.o, e.n * e.oh * e.ow];
  all.forEach((one, i) => {
    one.terms = terms[i] ?? 0;
  });
  return all;
}

/** The product of two matrices, as they are laid out in memory, in float64. */
export function product(
  [m, n, k]: readonly [number, number, number],
  a: (i: number, l: number) => number,
  b: (l: number, j: number) => number,
): Sums {
  const c = sums(m * n);
  c.terms = k;
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) for (let l = 0; l < k; l++) add(c, i * n + j, a(i, l) * b(l, j));
  return c;
}
