import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { chartBoard } from '../../src/report/chart-board.ts';

/** A terminal that keeps what it shows: it knows lines, and the two sequences that a board moves by. */
function terminal(size: { readonly columns?: number; readonly rows?: number; readonly isTTY?: boolean } = {}) {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 30, ...size });
  const raw = (): string => String(stream.read() ?? '');
  let lines: string[] = [''];
  const shown = (): readonly string[] => {
    const visible = raw().replaceAll('\u001B', '␛');
    for (const part of visible.split(/(␛\[\d+A␛\[0J|\n)/)) {
      const up = /^␛\[(\d+)A/.exec(part);
      if (up) lines = [...lines.slice(0, lines.length - 1 - Number(up[1])), ''];
      else if (part === '\n') lines.push('');
      else lines[lines.length - 1] += part;
    }
    return lines;
  };
  return { stream, raw, shown };
}

const plain = { NO_COLOR: '1' };

test('a chart grows in its place, and lines that stay are printed above it', () => {
  const { stream, shown } = terminal();
  const board = chartBoard(stream, { gradients: 100, split: 'test' }, plain);
  board?.begin('SAM');
  board?.note('before the first evaluation');
  board?.add({ gradients: 50, error: 0.5 });
  board?.note('between');
  board?.add({ gradients: 100, error: 0.25 });
  board?.begin('SGD');
  board?.add({ gradients: 50, error: 0.75 });
  const lines = shown();
  expect(lines.slice(0, 3)).toEqual(['before the first evaluation', 'between', 'test error']);
  expect(lines.filter((line) => line === 'test error')).toHaveLength(1);
  expect(lines.slice(-2)).toEqual(['● SAM 25.0 %   ○ SGD 75.0 %', '']);
});

test('NO_COLOR is respected', () => {
  const draw = (environment: NodeJS.ProcessEnv): string => {
    const { stream, raw } = terminal();
    const board = chartBoard(stream, { gradients: 100, split: 'test' }, environment);
    board?.begin('SAM');
    board?.add({ gradients: 100, error: 0.5 });
    return raw();
  };
  expect(draw(plain)).not.toContain('\u001B[');
  expect(draw({})).toContain('\u001B[36m');
});

test.each([
  ['that is no terminal', { isTTY: false }, {}],
  ['that cannot move its cursor', {}, { TERM: 'dumb' }],
  ['of few columns', { columns: 59 }, {}],
  ['of few rows', { rows: 23 }, {}],
])('there is no chart on a stream %s', (_, size, environment) => {
  expect(chartBoard(terminal(size).stream, { gradients: 100, split: 'test' }, environment)).toBeUndefined();
});
