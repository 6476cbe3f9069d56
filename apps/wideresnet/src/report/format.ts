/** A time as people say it: `4.2 s`, `2 min 05 s`, `3 h 20 min`, `9 days`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'unknown';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 2880) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** A share as a percentage: `12.34 %`. */
export const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)} %`;

/** A number with its thousands apart, whole unless it may have some digits: `36,479,194`. */
export const grouped = (n: number, digits = 0): string => n.toLocaleString('en-US', { maximumFractionDigits: digits });

/** A word in the number that it needs: `1 step`, `2 steps`. */
export const plural = (n: number, word: string): string => `${grouped(n)} ${word}${n === 1 ? '' : 's'}`;

/** Some sentences as one line for people: whatever breaks lines becomes a blank. */
export const oneLine = (text: string): string => text.replace(/\s*[\r\n]+\s*/g, ' ').trim();
