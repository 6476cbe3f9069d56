import { type Code, defineFunction, type FunctionCode, sequence } from './assembler.ts';
import * as is from './instructions.ts';

/** Rows of the output that are computed together: with two vectors of columns they fill the registers. */
export const tileRows = 4;

/** Columns of a panel: two vectors of four. */
export const panelColumns = 8;

/**
 * Writes the kernel of a convolution: a product of matrices whose left rows are gathered through a table.
 *
 *     output[r, 0..7] = Σ over taps, k of input[source(r, tap) + k] · panel[tap, k, 0..7]
 *
 * The table holds, for each tile of four rows: the four row indices of the output, the bytes of the taps that follow,
 * and for each tap the byte offset of its part of the panel and the four byte offsets of the sources; a negative one
 * stands for a row of zeros.
 */
export function gatherProduct(fused: boolean): FunctionCode {
  const names = ['table', 'tableEnd', 'input', 'panel', 'output', 'depthBytes', 'outputPitch', 'zeros'] as const;
  return defineFunction('gatherProduct', names, (p, local) => {
    const rows = [...Array(tileRows).keys()].map((index) => ({
      index,
      source: local('i32'),
      sums: [local('v128'), local('v128')] as const,
    }));
    const [tap, tapsEnd, weights, offset, end] = [local('i32'), local('i32'), local('i32'), local('i32'), local('i32')];
    const [left, right, factor] = [local('v128'), local('v128'), local('v128')];
    const each = (f: (row: (typeof rows)[number]) => Code): Code => sequence(...rows.map(f));
    const first = (rows[0] as (typeof rows)[number]).source;

    // Not unrolled by hand: V8 unrolls short loops, and runs what it unrolled up to 1.6 times as fast.
    const products = is.whileTrue(
      is.lessUnsigned(first, end),
      sequence(
        left.set(is.loadVector(weights)),
        right.set(is.loadVector(weights, 16)),
        each(({ source, sums: [a, b] }) =>
          sequence(
            factor.set(is.loadSplat(source)),
            a.set(is.multiplyAdd(fused, factor, left, a)),
            b.set(is.multiplyAdd(fused, factor, right, b)),
            is.advance(source, 4),
          ),
        ),
        is.advance(weights, 4 * panelColumns),
      ),
    );

    const entry = 4 * (tileRows + 1);
    return is.whileTrue(
      is.lessUnsigned(p.table, p.tableEnd),
      sequence(
        each(({ sums: [a, b] }) => sequence(a.set(is.zeros), b.set(is.zeros))),
        tap.set(is.add(p.table, entry)),
        tapsEnd.set(is.add(tap, is.load(p.table, 4 * tileRows))),
        is.whileTrue(
          is.lessUnsigned(tap, tapsEnd),
          sequence(
            weights.set(is.add(p.panel, is.load(tap))),
            each(({ index, source }) =>
              sequence(
                offset.set(is.load(tap, 4 + 4 * index)),
                source.set(is.select(is.lessSigned(offset, 0), p.zeros, is.add(p.input, offset))),
              ),
            ),
            end.set(is.add(first, p.depthBytes)),
            products,
            is.advance(tap, entry),
          ),
        ),
        each(({ index, sums: [a, b] }) =>
          sequence(
            offset.set(is.add(p.output, is.multiply(is.load(p.table, 4 * index), p.outputPitch))),
            is.storeVector(offset, a),
            is.storeVector(offset, b, 16),
          ),
        ),
        p.table.set(tapsEnd),
      ),
    );
  });
}
