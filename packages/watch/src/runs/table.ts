import type { Column, Table } from '../run.ts';

/** Where a record stands. */
export type Place = { readonly step: number; readonly gradients: number; readonly seconds: number };

/** What is wanted of a table. */
export type Wanted = {
  /** The most buckets. */
  readonly points?: number | undefined;
  /** What the reader has already: a table's version, and how many of its buckets. */
  readonly version?: string | undefined;
  readonly from?: number | undefined;
};

/** A table that takes records, one after the other, and never holds more than so many buckets. */
export type OpenTable = {
  add(place: Place, values: Readonly<Record<string, number | undefined>>): void;
  /** Forgets the records from a step on, and those that share a bucket with one of them; gives the place of the last
   * that is left. */
  rewind(step: number): Place;
  read(wanted?: Wanted): Table;
};

/** One curve: the sum, the number and the range of the values in each bucket. */
type Sums = { readonly sum: number[]; readonly count: number[]; readonly low: number[]; readonly high: number[] };

const origin: Place = { step: 0, gradients: 0, seconds: 0 };

/** Names of curves in one log; what has more is no log of a training run. */
const maxCurves = 64;

/** Six digits are more than a screen shows, and half of what JSON would take. */
const short = (value: number): number => Number(value.toPrecision(6));

function emptySums(buckets: number): Sums {
  const filled = (value: number): number[] => new Array<number>(buckets).fill(value);
  return {
    sum: filled(0),
    count: filled(0),
    low: filled(Number.POSITIVE_INFINITY),
    high: filled(Number.NEGATIVE_INFINITY),
  };
}

/** Puts what buckets `a` and after hold into one, for `size` of them. */
function merged({ sum, count, low, high }: Sums, a: number, size: number) {
  const of = { sum: 0, count: 0, low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
  for (let i = a; i < Math.min(a + size, sum.length); i++) {
    of.sum += sum[i] as number;
    of.count += count[i] as number;
    of.low = Math.min(of.low, low[i] as number);
    of.high = Math.max(of.high, high[i] as number);
  }
  return of;
}

/**
 * Opens a table of curves that are sampled while they grow: when its buckets are used up, each two become one that
 * stands for twice the records, with their mean, least and largest value.
 *
 * @param limit - The most buckets; even.
 */
export function openTable(limit: number): OpenTable {
  const places: Place[] = [];
  const curves = new Map<string, Sums>();
  let stride = 1;
  let records = 0;
  let generation = 0;

  const halve = (): void => {
    const half = Math.ceil(places.length / 2);
    for (let i = 0; i < half; i++) places[i] = places[Math.min(2 * i + 1, places.length - 1)] as Place;
    places.length = half;
    for (const sums of curves.values()) {
      for (let i = 0; i < half; i++) {
        const pair = merged(sums, 2 * i, 2);
        for (const name of ['sum', 'count', 'low', 'high'] as const) sums[name][i] = pair[name];
      }
      for (const name of ['sum', 'count', 'low', 'high'] as const) sums[name].length = half;
    }
    stride *= 2;
    generation += 1;
  };

  const column = (sums: Sums, from: number, to: number, factor: number): Column => {
    const buckets = Array.from({ length: to - from }, (_, i) => merged(sums, (from + i) * factor, factor));
    const orNull = (value: (bucket: ReturnType<typeof merged>) => number) =>
      buckets.map((bucket) => (bucket.count === 0 ? null : short(value(bucket))));
    return {
      mean: orNull(({ sum, count }) => sum / count),
      low: orNull(({ low }) => low),
      high: orNull(({ high }) => high),
    };
  };

  return {
    add(place, values) {
      if (records === stride * limit) halve();
      if (records === stride * places.length) {
        places.push(place);
        for (const { sum, count, low, high } of curves.values()) {
          sum.push(0);
          count.push(0);
          low.push(Number.POSITIVE_INFINITY);
          high.push(Number.NEGATIVE_INFINITY);
        }
      }
      const last = places.length - 1;
      places[last] = place;
      records += 1;
      for (const [name, value] of Object.entries(values)) {
        if (value === undefined || !Number.isFinite(value)) continue;
        let sums = curves.get(name);
        if (sums === undefined) {
          if (curves.size === maxCurves) continue;
          sums = emptySums(places.length);
          curves.set(name, sums);
        }
        sums.sum[last] = (sums.sum[last] as number) + value;
        sums.count[last] = (sums.count[last] as number) + 1;
        sums.low[last] = Math.min(sums.low[last] as number, value);
        sums.high[last] = Math.max(sums.high[last] as number, value);
      }
    },
    rewind(step) {
      const found = places.findIndex((place) => place.step >= step);
      if (found >= 0) {
        places.length = found;
        for (const sums of curves.values())
          for (const name of ['sum', 'count', 'low', 'high'] as const) sums[name].length = found;
        records = found * stride;
        generation += 1;
      }
      return places.at(-1) ?? origin;
    },
    read({ points = limit, version, from = 0 } = {}) {
      let factor = 1;
      while (Math.ceil(places.length / factor) > Math.max(1, points)) factor *= 2;
      const now = `${generation}.${factor}`;
      const to = Math.ceil(places.length / factor);
      const begin = version === now ? Math.min(Math.max(0, from), to) : 0;
      const kept = Array.from(
        { length: to - begin },
        (_, i) => places[Math.min((begin + i + 1) * factor, places.length) - 1] as Place,
      );
      return {
        version: now,
        from: begin,
        stride: stride * factor,
        step: kept.map((place) => place.step),
        gradients: kept.map((place) => place.gradients),
        seconds: kept.map((place) => place.seconds),
        columns: Object.fromEntries([...curves].map(([name, sums]) => [name, column(sums, begin, to, factor)])),
      };
    },
  };
}
