import type { Curve, Point } from './curve.ts';
import { print } from './print.ts';
import type { Output } from './progress.ts';
import { type TextChartOptions, textChart } from './text-chart.ts';

/** A chart at the end of a terminal's output, which grows in its place while runs go on. */
export type ChartBoard = {
  /** A run begins, or goes on after some points: its curve is drawn beside those before it. */
  begin(name: string, points?: readonly Point[]): void;
  /** The run under way was evaluated. */
  add(point: Point): void;
  /** Prints a line that stays, above the chart. */
  note(text: string): void;
};

const least = { columns: 60, rows: 24 } as const;
const most = { columns: 100 } as const;

/** Whether colors are wanted: not where NO_COLOR says otherwise, see https://no-color.org. */
const hasColor = ({ NO_COLOR: no }: NodeJS.ProcessEnv): boolean => no === undefined || no === '';

/**
 * Makes a chart for a terminal.
 *
 * @param about - The gradients that the longest run will take, and the images that errors are measured on.
 * @returns undefined where the stream is no terminal, cannot move its cursor, or has no room: there lines must do.
 */
export function chartBoard(
  stream: Output,
  about: Pick<TextChartOptions, 'gradients' | 'split'>,
  environment: NodeJS.ProcessEnv = process.env,
): ChartBoard | undefined {
  const { isTTY = false, columns = 80, rows = 24 } = stream;
  if (!isTTY || environment.TERM === 'dumb' || columns < least.columns || rows < least.rows) return undefined;
  const finished: Curve[] = [];
  let current: Curve | undefined;
  let height = 0;

  const erase = (): void => {
    // Up to the chart's first line, and away with all that is below.
    if (height > 0) stream.write(`\u001B[${height}A\u001B[0J`);
    height = 0;
  };
  const draw = (): void => {
    const lines = textChart(current === undefined ? finished : [...finished, current], {
      columns: Math.min(most.columns, columns - 1),
      rows: 12,
      ...about,
      color: hasColor(environment),
    });
    if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
    height = lines.length;
  };
  return {
    begin(name, points = []) {
      if (current !== undefined) finished.push(current);
      current = { name, points };
    },
    add(point) {
      if (current !== undefined) current = { ...current, points: [...current.points, point] };
      erase();
      draw();
    },
    note(text) {
      erase();
      print(stream, text);
      draw();
    },
  };
}
