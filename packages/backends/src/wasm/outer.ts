import { blockColumns, blockRows } from '../simd/outer-product.ts';
import { simd, type WasmBackend, withScratch } from './heap.ts';
import { cachedTable } from './table-cache.ts';

/** A sum of outer products over a batch: rows `[image, leftRows, rows]` meet rows `[image, rightRows, columns]`, tap by
 * tap. */
export type Outer = {
  readonly images: number;
  readonly leftRows: number;
  readonly rightRows: number;
  readonly rows: number;
  readonly columns: number;
  readonly taps: number;
  /** The left row of an image that meets a right row at a tap; negative where there is none. */
  readonly partner: (rightRow: number, tap: number) => number;
  /** Names the partners, for the cache of tables. */
  readonly key: string;
};

/** Right rows that a call goes through: they and their partners stay in the first cache while all blocks pass. */
const rowsPerBand = 256;

/** For each band of right rows, the number of words that it takes, then for each tap its pairs behind their size. */
function buildTable(outer: Outer, images: number): Int32Array {
  const { leftRows, rightRows, rows, columns, taps } = outer;
  const total = images * rightRows;
  const table = new Int32Array(Math.ceil(total / rowsPerBand) * (1 + taps) + 2 * taps * total);
  let end = 0;
  for (let first = 0; first < total; first += rowsPerBand) {
    const bandAt = end++;
    for (let tap = 0; tap < taps; tap++) {
      const sizeAt = end++;
      for (let row = first; row < Math.min(first + rowsPerBand, total); row++) {
        const left = outer.partner(row % rightRows, tap);
        if (left < 0) continue;
        table[end++] = (Math.floor(row / rightRows) * leftRows + left) * rows * 4;
        table[end++] = row * columns * 4;
      }
      table[sizeAt] = (end - sizeAt - 1) * 4;
    }
    table[bandAt] = end - bandAt - 1;
  }
  return table.slice(0, end);
}

/** Lays the kernel's blocks of sums out as `[tap, rows, columns]`. */
function unpack(heap: Float32Array, { taps, rows, columns }: Outer, from: number, to: number): void {
  const columnBlocks = Math.ceil(columns / blockColumns);
  const size = blockRows * blockColumns;
  for (let tap = 0, out = to >>> 2; tap < taps; tap++) {
    for (let row = 0; row < rows; row++) {
      const block = (tap * Math.ceil(rows / blockRows) + Math.floor(row / blockRows)) * columnBlocks;
      const at = (from >>> 2) + block * size + (row % blockRows) * blockColumns;
      for (let column = 0; column < columns; column++, out++)
        heap[out] = heap[at + Math.floor(column / blockColumns) * size + (column % blockColumns)] as number;
    }
  }
}

/** Sums outer products of rows at `left` and `right` into `output`, addresses in the heap: `[tap, rows, columns]`. */
export function runOuter(backend: WasmBackend, outer: Outer, left: number, right: number, output: number): void {
  const { images, leftRows, rightRows, rows, columns, taps } = outer;
  const perTable = Math.min(images, Math.ceil(rowsPerBand / rightRows));
  const tableFor = (count: number): Int32Array => cachedTable(`${outer.key};${count}`, () => buildTable(outer, count));
  const blocks = taps * Math.ceil(rows / blockRows) * Math.ceil(columns / blockColumns);
  const sumsBytes = blocks * blockRows * blockColumns * 4;
  withScratch(backend, [tableFor(perTable).byteLength, sumsBytes], (table, sums) => {
    const { outerProduct } = simd(backend);
    const { HEAP32, HEAPF32 } = backend.wasm;
    HEAPF32.fill(0, sums >>> 2, (sums + sumsBytes) >>> 2);
    let loaded: Int32Array | undefined;
    for (let image = 0; image < images; image += perTable) {
      const wanted = tableFor(Math.min(perTable, images - image));
      if (wanted !== loaded) HEAP32.set(wanted, table >>> 2);
      loaded = wanted;
      const l = left + image * leftRows * rows * 4;
      const r = right + image * rightRows * columns * 4;
      for (let at = 0; at < wanted.length; ) {
        const start = at + 1;
        at = start + (wanted[at] as number);
        // The last block of rows or columns reads up to 28 bytes too far, into sums that are dropped; the allocator
        // keeps more than that behind its last chunk, so these reads stay inside the heap.
        outerProduct(table + 4 * start, table + 4 * at, l, r, sums, rows * 4, columns * 4);
      }
    }
    unpack(HEAPF32, outer, sums, output);
  });
}
