import { panelColumns, tileRows } from '../simd/gather-product.ts';
import { simd, type WasmBackend, withScratch } from './heap.ts';
import { cachedTable } from './table-cache.ts';

/** A product of matrices whose left rows are gathered, image by image, from an input of `[image, inputRows, depth]`. */
export type Gather = {
  readonly images: number;
  readonly inputRows: number;
  readonly outputRows: number;
  readonly depth: number;
  readonly columns: number;
  readonly taps: number;
  /** Output rows of an image, in groups whose rows draw on the same taps: tiles do not cross groups. */
  readonly groups: () => readonly (readonly number[])[];
  /** The input row of an image that meets a tap at an output row; negative where there is none. */
  readonly source: (outputRow: number, tap: number) => number;
  /** Names groups and source, for the cache of tables. */
  readonly key: string;
};

/** A stack of matrices in the heap, one per tap, by its first element and its strides in elements. */
export type Weights = {
  readonly address: number;
  readonly tapStride: number;
  readonly depthStride: number;
  readonly columnStride: number;
};

/** Rows per table: long enough to fill tiles, short enough to stay in the first cache with their sources. */
const rowsPerTable = 128;

function buildTable(gather: Gather, images: number): Int32Array {
  const { inputRows, outputRows, depth, taps } = gather;
  const groups = gather.groups();
  const tiles = groups.reduce((sum, group) => sum + Math.ceil((group.length * images) / tileRows), 0);
  const table = new Int32Array(tiles * (1 + tileRows) * (1 + taps));
  let end = 0;
  for (const group of groups) {
    const rows = group.length * images;
    for (let first = 0; first < rows; first += tileRows) {
      // A short last tile repeats its last row: it is computed twice and stored twice, the same.
      const tile = Array.from({ length: tileRows }, (_, i) => {
        const index = Math.min(first + i, rows - 1);
        return { image: Math.floor(index / group.length), row: group[index % group.length] ?? 0 };
      });
      for (const { image, row } of tile) table[end++] = image * outputRows + row;
      const sizeAt = end++;
      for (let tap = 0; tap < taps; tap++) {
        const sources = tile.map(({ row }) => gather.source(row, tap));
        if (sources.every((source) => source < 0)) continue;
        table[end++] = tap * depth * panelColumns * 4;
        for (const [i, source] of sources.entries())
          table[end++] = source < 0 ? -1 : ((tile[i]?.image ?? 0) * inputRows + source) * depth * 4;
      }
      table[sizeAt] = (end - sizeAt - 1) * 4;
    }
  }
  return table.slice(0, end);
}

/** Lays weights out as the kernel reads them: panels of eight columns, `[tap, depth, 8]` each, the last filled up with
 * zeros. */
function pack(backend: WasmBackend, { taps, depth, columns }: Gather, weights: Weights, to: number): void {
  const { address, tapStride, depthStride, columnStride } = weights;
  const { packPanel } = simd(backend);
  const heap = backend.wasm.HEAPF32;
  for (let column = 0, out = to; column < columns; column += panelColumns) {
    const width = Math.min(panelColumns, columns - column);
    for (let tap = 0; tap < taps; tap++, out += depth * panelColumns * 4) {
      const from = address + (tap * tapStride + column * columnStride) * 4;
      if (width === panelColumns) {
        packPanel(from, out, depth, depthStride * 4, columnStride * 4);
        continue;
      }
      heap.fill(0, out >>> 2, (out >>> 2) + depth * panelColumns);
      for (let k = 0; k < depth; k++)
        for (let c = 0; c < width; c++)
          heap[(out >>> 2) + k * panelColumns + c] = heap[(from >>> 2) + k * depthStride + c * columnStride] as number;
    }
  }
}

/** Computes a gathered product from `input` into `output`, both addresses in the heap: `[image, outputRows,
 * columns]`. */
export function runGather(backend: WasmBackend, gather: Gather, input: number, weights: Weights, output: number): void {
  const { images, inputRows, outputRows, depth, columns, taps } = gather;
  const length = images * outputRows * columns;
  if (length === 0 || depth * taps === 0) {
    backend.wasm.HEAPF32.fill(0, output >>> 2, (output >>> 2) + length);
    return;
  }
  const perTable = Math.min(images, Math.ceil(rowsPerTable / outputRows));
  const tableFor = (count: number): Int32Array =>
    cachedTable(`${gather.key};${count}`, () => buildTable(gather, count));
  const panels = Math.ceil(columns / panelColumns);
  const panelBytes = taps * depth * panelColumns * 4;
  const tail = columns % panelColumns;
  const longest = tableFor(perTable);
  const sizes = [
    longest.byteLength,
    depth * 4,
    panels * panelBytes,
    tail > 0 ? perTable * outputRows * panelColumns * 4 : 0,
  ];
  withScratch(backend, sizes, (table, zeros, packed, tailRows) => {
    const { gatherProduct } = simd(backend);
    const { HEAP32, HEAPF32 } = backend.wasm;
    HEAPF32.fill(0, zeros >>> 2, (zeros >>> 2) + depth);
    pack(backend, gather, weights, packed);
    let loaded: Int32Array | undefined;
    for (let image = 0; image < images; image += perTable) {
      const count = Math.min(perTable, images - image);
      const wanted = tableFor(count);
      if (wanted !== loaded) HEAP32.set(wanted, table >>> 2);
      loaded = wanted;
      const from = input + image * inputRows * depth * 4;
      const to = output + image * outputRows * columns * 4;
      const product = (panel: number, address: number, pitch: number): void =>
        gatherProduct(
          table,
          table + wanted.byteLength,
          from,
          packed + panel * panelBytes,
          address,
          depth * 4,
          pitch,
          zeros,
        );
      for (let panel = 0; (panel + 1) * panelColumns <= columns; panel++)
        product(panel, to + panel * panelColumns * 4, columns * 4);
      if (tail === 0) continue;
      // A whole vector stored at a narrow column would run into the next row.
      product(panels - 1, tailRows, panelColumns * 4);
      for (let row = 0; row < count * outputRows; row++) {
        const source = (tailRows >>> 2) + row * panelColumns;
        const target = (to >>> 2) + (row + 1) * columns - tail;
        for (let c = 0; c < tail; c++) HEAPF32[target + c] = HEAPF32[source + c] as number;
      }
    }
  });
}
