import { axisOf, placeOn } from './axis.ts';
import { type Curve, errorAt, lastError } from './curve.ts';
import { grouped, percent } from './format.ts';

/** How a chart is drawn. */
export type TextChartOptions = {
  /** Characters in a line. */
  readonly columns: number;
  /** Lines of the plot, without axis and legend. */
  readonly rows: number;
  /** The gradients that the longest run will take: where the axis ends from the start. */
  readonly gradients: number;
  /** The images that errors are measured on. */
  readonly split: 'validation' | 'test';
  readonly color: boolean;
};

/** Sign and ANSI color by the order of the runs; without colors the signs tell them apart. */
const marks = [
  { sign: '●', ansi: 36 },
  { sign: '○', ansi: 33 },
  { sign: '+', ansi: 35 },
  { sign: '▲', ansi: 32 },
  { sign: '□', ansi: 31 },
] as const;

type Mark = { readonly sign: string; readonly ansi: number };
const markOf = (i: number): Mark => marks[i % marks.length] as Mark;

const paint = (text: string, { ansi }: Mark, color: boolean): string =>
  color ? `\u001B[${ansi}m${text}\u001B[0m` : text;

const labelWidth = 7;

/** The signs of a plot, by row and column; the first curve lies on top. */
function plot(curves: readonly Curve[], width: number, { rows, gradients, color }: TextChartOptions) {
  const errors = curves.flatMap(({ points }) => points.map(({ error }) => 100 * error));
  const axis = axisOf(errors, 4);
  const cells = Array.from({ length: rows }, () => new Array<string>(width).fill(' '));
  for (const [i, curve] of [...curves.entries()].reverse())
    for (let column = 0; column < width; column += 1) {
      // Each column stands for the end of its share of the work, so that the last evaluation is on the last column.
      const error = errorAt(curve, ((column + 1) / width) * gradients);
      if (error === undefined) continue;
      const row = cells[Math.round((1 - placeOn(axis, 100 * error)) * (rows - 1))];
      if (row !== undefined) row[column] = paint(markOf(i).sign, markOf(i), color);
    }
  return { axis, cells };
}

/** Lines of words, as many in a line as fit. */
function wrapped(parts: readonly { readonly text: string; readonly length: number }[], columns: number): string[] {
  const lines: { text: string; length: number }[] = [];
  for (const part of parts) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 3 + part.length <= columns) {
      line.text += `   ${part.text}`;
      line.length += 3 + part.length;
    } else lines.push({ ...part });
  }
  return lines.map(({ text }) => text);
}

/**
 * Draws the error of runs on held-out images over their gradients for a terminal: a plot with its axes, and a legend with the last
 * errors.
 *
 * @returns The lines, none longer than `columns`; none at all while there is nothing to draw.
 */
export function textChart(curves: readonly Curve[], options: TextChartOptions): readonly string[] {
  const { columns, rows, gradients, split, color } = options;
  const drawn = curves.filter(({ points }) => points.length > 0);
  if (drawn.length === 0) return [];
  const width = columns - labelWidth - 2;
  const { axis, cells } = plot(drawn, width, options);
  const labels = new Map(axis.ticks.map((tick) => [Math.round((1 - placeOn(axis, tick)) * (rows - 1)), `${tick} %`]));
  const end = `${grouped(gradients)} gradients`;
  const legend = drawn.map((curve, i) => {
    const value = percent(lastError(curve) ?? Number.NaN, 1);
    const name = curve.name.slice(0, columns - value.length - 3);
    const text = `${markOf(i).sign} ${name} ${value}`;
    return { text: paint(text, markOf(i), color), length: text.length };
  });
  return [
    `${split} error`,
    ...cells.map((row, i) => `${(labels.get(i) ?? '').padStart(labelWidth)} │${row.join('').trimEnd()}`),
    `${' '.repeat(labelWidth)} └${'─'.repeat(width)}`,
    `${' '.repeat(labelWidth + 2)}0${end.padStart(width - 1)}`,
    ...wrapped(legend, columns),
  ];
}
