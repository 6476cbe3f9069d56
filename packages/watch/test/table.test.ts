import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { extended } from '../src/page/lines.ts';
import type { Table } from '../src/run.ts';
import { openTable } from '../src/runs/table.ts';

const values = fc.array(fc.option(fc.float({ min: -1e3, max: 1e3, noNaN: true }), { nil: undefined }), {
  minLength: 1,
  maxLength: 300,
});
const place = (step: number) => ({ step, gradients: 2 * step, seconds: step / 10 });
const six = (x: number): number => Number(x.toPrecision(6));

/** What the buckets of a table must be, from all the records. */
function expected(records: readonly (number | undefined)[], stride: number) {
  const groups = Array.from({ length: Math.ceil(records.length / stride) }, (_, i) =>
    records.slice(i * stride, (i + 1) * stride).filter((value) => value !== undefined),
  );
  const of = (f: (group: readonly number[]) => number) =>
    groups.map((group) => (group.length === 0 ? null : six(f(group))));
  return {
    mean: of((group) => group.reduce((sum, x) => sum + x, 0) / group.length),
    low: of((group) => Math.min(...group)),
    high: of((group) => Math.max(...group)),
  };
}

const close = (a: readonly (number | null)[], b: readonly (number | null)[]): boolean =>
  a.length === b.length &&
  a.every((x, i) => {
    const y = b[i] ?? null;
    return x === null || y === null ? x === y : Math.abs(x - y) <= 1e-4 * Math.max(1, Math.abs(x));
  });

test.prop([values, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 40 })])(
  'a table holds the mean, the least and the largest value of every bucket, and never more buckets than asked for',
  (records, half, points) => {
    const table = openTable(2 * half);
    for (const [i, value] of records.entries()) table.add(place(i + 1), { x: value });
    const { stride, step, columns } = table.read({ points });
    expect(step.length).toBeLessThanOrEqual(Math.min(2 * half, points));
    expect(step.at(-1)).toBe(records.length);
    const want = expected(records, stride);
    const { x = { mean: want.mean, low: want.low, high: want.high } } = columns;
    expect(columns.x === undefined).toBe(records.every((value) => value === undefined));
    expect(x.low).toEqual(want.low);
    expect(x.high).toEqual(want.high);
    expect(close(x.mean, want.mean)).toBe(true);
  },
);

test.prop([values, fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 12 }), fc.integer({ min: 1, max: 300 })])(
  'a reader that asks only for later buckets has what one has that asks for all, also after the run went back',
  (records, pauses, back) => {
    const table = openTable(16);
    let held: Table | undefined;
    const ask = (): void => {
      held = extended(held, table.read({ version: held?.version, from: Math.max(0, (held?.step.length ?? 0) - 1) }));
    };
    let step = 0;
    for (const [i, value] of records.entries()) {
      step += 1;
      if (i === back) step = table.rewind(Math.max(1, step - 20)).step + 1;
      table.add(place(step), { x: value, ...(i % 3 === 0 && { y: i }) });
      if (pauses.includes(i % 31)) ask();
    }
    ask();
    expect(held).toEqual(table.read());
  },
);

test('a spike stays, however many records a point stands for', () => {
  const table = openTable(1000);
  for (let step = 1; step <= 20_000; step++) table.add(place(step), { loss: step === 4321 ? 1000 : 1 });
  const { step, stride, columns } = table.read({ points: 100 });
  expect(step.length).toBeLessThanOrEqual(100);
  expect(columns.loss?.high.filter((high) => high === 1000)).toHaveLength(1);
  expect(columns.loss?.high.indexOf(1000)).toBe(Math.floor(4320 / stride));
});
