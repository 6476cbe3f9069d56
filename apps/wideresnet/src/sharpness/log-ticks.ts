const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

const raised = (power: number): string =>
  `${power < 0 ? '⁻' : ''}${[...String(Math.abs(power))].map((digit) => superscripts[Number(digit)]).join('')}`;

/** A round number as a reader writes it: 0.002, 300, 10⁻⁶, 2·10⁷. */
function text(value: number): string {
  if (value >= 1e-3 && value < 1e5) return String(Number(value.toPrecision(12)));
  const power = Math.floor(Math.log10(value) + 1e-9);
  const digit = Math.round(value / 10 ** power);
  return `${digit === 1 ? '' : `${digit}·`}10${raised(power)}`;
}

/** What of each decade is marked, from the most marks to the fewest. */
const ladders = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1]] as const;

/**
 * Chooses the marks of a logarithmic axis: round numbers, as many as there is room for.
 *
 * @param values - Positive numbers that the axis covers; at least one.
 * @param room - The most marks.
 */
export function logTicks(values: readonly number[], room: number) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const [first, last] = [Math.floor(Math.log10(least) - 1e-9), Math.ceil(Math.log10(most) + 1e-9)];
  const powers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const marks = (digits: readonly number[], every: number): readonly number[] =>
    powers
      .filter((power) => power % every === 0)
      .flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)))
      .filter((mark) => mark >= least * (1 - 1e-9) && mark <= most * (1 + 1e-9));
  const whole = [...ladders.map((digits) => marks(digits, 1)), ...[2, 3, 5, 10, 20].map((every) => marks([1], every))];
  const ticks = whole.find((each) => each.length <= room) ?? [];
  // An axis within one step of the ladder: its ends, for want of a round number.
  return { ticks: ticks.length > 1 ? [...ticks] : [least, most], tickFormat: ticks.length > 1 ? text : rough };
}

const rough = (value: number): string =>
  value >= 1e-3 && value < 1e5 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
