import { placeY, type Scatter } from './scatter.ts';

const labelWidth = 7;

/** Writes a word into a line so that its middle is at a column, where nothing stands yet. */
function writeAt(line: string[], middle: number, word: string): void {
  const begin = Math.max(0, Math.min(line.length - word.length, Math.round(middle - word.length / 2)));
  const isFree = line.slice(Math.max(0, begin - 1), begin + word.length + 1).every((sign) => sign === ' ');
  if (isFree) line.splice(begin, word.length, ...word);
}

/**
 * Draws the trials of a sweep for a terminal: a dot for each, a diamond for the best.
 *
 * @param columns - Characters in a line.
 */
export function scatterText(scatter: Scatter, columns: number, rows = 12): readonly string[] {
  const width = columns - labelWidth - 2;
  const cells = Array.from({ length: rows }, () => new Array<string>(width).fill(' '));
  const columnOf = (x: number): number => Math.round(scatter.placeX(x) * (width - 1));
  const rowOf = (y: number): number => Math.round(placeY(scatter, y) * (rows - 1));
  for (const dot of [...scatter.dots].reverse()) {
    const row = cells[rowOf(dot.y)];
    if (row !== undefined) row[columnOf(dot.x)] = dot === scatter.best ? '◆' : '●';
  }
  const labels = new Map(scatter.axis.ticks.map((tick) => [rowOf(tick), String(tick)]));
  const below = new Array<string>(width).fill(' ');
  for (const mark of scatter.marks) writeAt(below, columnOf(mark), String(mark));
  return [
    scatter.title,
    ...cells.map((row, i) => `${(labels.get(i) ?? '').padStart(labelWidth)} │${row.join('').trimEnd()}`),
    `${' '.repeat(labelWidth)} └${'─'.repeat(width)}`,
    `${' '.repeat(labelWidth + 2)}${below.join('').trimEnd()}`,
    `${' '.repeat(labelWidth + 2)}${scatter.option}`,
  ];
}
