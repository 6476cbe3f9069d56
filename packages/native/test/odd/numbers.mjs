// Numbers that an attribute may be given: the odd ones of each kind.

/** Sizes, distances and counts. */
export const sizes = [1, 2, 3, 0, -1, -2, -48, 0.5, 1.5, -0.5, Number.NaN, 2 ** 31, 2 ** 53, ...infinities()];

/** An axis, where a tensor has about three. */
export const axes = [0, 1, -1, -2, 2, 3, -3, -4, 9, -9, 0.5, -0.5, Number.NaN, 2 ** 31, 2 ** 53, ...infinities()];

/** Several axes. */
export const axisLists = [
  ...[[0], [1], [0, 1], [-1], [], [1, 0], [0, 0], [1, 1], [0, -2], [-1, 1], [2], [0, 9], [-9], [0.5], [0, 1.5]],
  ...[[Number.NaN], [2 ** 31], [0, 1, 0, 1, 0, 1, 0, 1, 0, 1], Array.from({ length: 70 }, () => 0)],
];

/** A number of every kind, where any is legal. */
export const reals = [
  1,
  0,
  -0,
  -1,
  0.5,
  -2.5,
  1e-45,
  3.4e38,
  1e300,
  2 ** 31,
  -(2 ** 31),
  2 ** 53,
  Number.NaN,
  ...infinities(),
];

/** Pairs, such as strides [rows, columns]: each number alone, and beside a legal one. */
export function pairs(numbers = sizes) {
  return [
    ...numbers,
    ...numbers.flatMap((number) => [
      [number, 1],
      [1, number],
    ]),
    [],
    [2],
    [2, 2],
    [1, 1, 1],
    [3, 2],
  ];
}

/** A row of `legal` with one of `numbers` at each place, and rows that are too short and too long. */
export function rows(legal, numbers = sizes) {
  const changed = legal.flatMap((_, at) => numbers.map((number) => legal.with(at, number)));
  return [legal, ...changed, [], legal.slice(1), [...legal, 1], [...legal, 0, 0, 0, 0, 0, 0]];
}

/** Borders [[before, after], ...] of `rank` dimensions with one of `numbers` at each place. */
export function borders(rank, numbers = sizes) {
  const none = Array.from({ length: rank }, () => [0, 0]);
  const changed = none.flatMap((_, d) =>
    numbers.flatMap((number) => [none.with(d, [number, 0]), none.with(d, [1, number]), none.with(d, [number, 2])]),
  );
  return [none.with(0, [1, 1]), none, ...changed, [], [[1, 1]], [[]], [[1]], [[1, 2, 3]], [...none, [1, 1]]];
}

/** Whether a value holds a number that no size can be, or makes one: a backend that takes it may loop for hours. */
export function endless(value) {
  if (Array.isArray(value)) return value.some(endless) || endless(value.reduce((product, each) => product * each, 1));
  return typeof value === 'number' && Math.abs(value) >= 2 ** 31;
}

function infinities() {
  return [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
}
