import { type Code, defineFunction, type FunctionCode, sequence } from './assembler.ts';
import * as is from './instructions.ts';

/** Rows and columns of the block of sums that stays in registers. */
export const blockRows = 4;
export const blockColumns = 8;

/**
 * Writes the kernel of a filter's gradient: sums of outer products of rows that a table pairs.
 *
 *     sums[tap, i, j] += Σ over the tap's pairs (l, r) of left[l + i] · right[r + j]
 *
 * The table holds, for each tap: the bytes of its pairs, then the pairs, as byte offsets into left and right. Sums lie
 * as `[tap, block of rows, block of columns, 4, 8]`. They start at zero in every call and are added to memory at its
 * end, so that a call over part of a batch rounds like a partial sum.
 */
export function outerProduct(fused: boolean): FunctionCode {
  const names = ['table', 'tableEnd', 'left', 'right', 'sums', 'leftBytes', 'rightBytes'] as const;
  return defineFunction('outerProduct', names, (p, local) => {
    const rows = [...Array(blockRows).keys()].map((index) => ({
      index,
      sums: [local('v128'), local('v128')] as const,
    }));
    const [pair, end, i, j, l, r] = [
      local('i32'),
      local('i32'),
      local('i32'),
      local('i32'),
      local('i32'),
      local('i32'),
    ];
    const [low, high, factor] = [local('v128'), local('v128'), local('v128')];
    const each = (f: (row: (typeof rows)[number]) => Code): Code => sequence(...rows.map(f));

    const block = sequence(
      each(({ sums: [a, b] }) => sequence(a.set(is.zeros), b.set(is.zeros))),
      pair.set(is.add(p.table, 4)),
      is.whileTrue(
        is.lessUnsigned(pair, end),
        sequence(
          l.set(is.add(is.add(p.left, i), is.load(pair))),
          r.set(is.add(is.add(p.right, j), is.load(pair, 4))),
          low.set(is.loadVector(r)),
          high.set(is.loadVector(r, 16)),
          each(({ index, sums: [a, b] }) =>
            sequence(
              factor.set(is.loadSplat(l, 4 * index)),
              a.set(is.multiplyAdd(fused, factor, low, a)),
              b.set(is.multiplyAdd(fused, factor, high, b)),
            ),
          ),
          is.advance(pair, 8),
        ),
      ),
      each(({ index, sums: [a, b] }) =>
        sequence(
          is.storeVector(p.sums, is.addFloats(is.loadVector(p.sums, 32 * index), a), 32 * index),
          is.storeVector(p.sums, is.addFloats(is.loadVector(p.sums, 32 * index + 16), b), 32 * index + 16),
        ),
      ),
      is.advance(p.sums, 4 * blockRows * blockColumns),
    );
    const range = (variable: typeof i, limit: typeof i, step: number, body: Code): Code =>
      sequence(
        variable.set(0),
        is.whileTrue(is.lessUnsigned(variable, limit), sequence(body, is.advance(variable, step))),
      );

    return is.whileTrue(
      is.lessUnsigned(p.table, p.tableEnd),
      sequence(
        end.set(is.add(is.add(p.table, 4), is.load(p.table))),
        range(i, p.leftBytes, 4 * blockRows, range(j, p.rightBytes, 4 * blockColumns, block)),
        p.table.set(end),
      ),
    );
  });
}
