/** What x counts. */
export type Axis = 'step' | 'gradients' | 'seconds';

/** A time as people say it: `42 s`, `2 min 05 s`, `3 h 20 min`, `9 days`. */
export function duration(seconds: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** A time at a tick of an axis, in the unit that suits the longest there: `90 s`, `1.5 min`, `2 h`. */
export function clock(seconds: number, longest: number): string {
  const [unit, size] = longest < 180 ? ['s', 1] : longest < 10_800 ? ['min', 60] : ['h', 3600];
  return `${Number((seconds / (size as number)).toFixed(2))} ${unit}`;
}

/** A whole number with its thousands apart. */
export const grouped = (n: number): string => Math.round(n).toLocaleString('en-US');

/** A whole number in few letters: `950`, `12k`, `3.4M`. */
export function brief(n: number): string {
  if (n >= 1e6) return `${Number((n / 1e6).toFixed(2))}M`;
  return n >= 1e4 ? `${Number((n / 1e3).toFixed(1))}k` : String(n);
}

/** A number in about four digits: `0.05`, `1.234`, `1.2e-5`. */
export function plain(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2).replace('e+', 'e');
  return String(Number(value.toPrecision(4)));
}

/** A share as a percentage. */
export const percent = (share: number): string => `${Number((100 * share).toFixed(2))} %`;
