import { Writable } from 'node:stream';
import type { StepRecord } from '@steppe/train';
import { describe, expect, test } from 'vitest';
import { presets } from '../../src/options/presets/presets.ts';
import { showProgress } from '../../src/report/progress.ts';
import type { Plan } from '../../src/run/plan.ts';

const plan: Plan = {
  name: 'SAM',
  folder: '',
  options: presets['fashion-mini'],
  epochs: 2,
  stepsPerEpoch: 10,
  steps: 20,
  evaluateEvery: 10,
  split: 'test',
};

const step = (at: number, seconds: number): StepRecord => ({
  schema: 1,
  type: 'step',
  step: at,
  epoch: at > 10 ? 2 : 1,
  loss: 1,
  gradientEvaluations: 2 * at,
  seconds,
  metrics: { accuracy: 0.5 },
});

/** A stream that keeps what is written to it and says whether it is a terminal. */
function recorder(terminal: { readonly isTTY: boolean }) {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      written.push(String(chunk));
      done();
    },
  });
  return { written, stream: Object.assign(stream, terminal) };
}

describe('where there is no terminal', () => {
  test('a line comes every five seconds, with all that a bar would say', () => {
    const { written, stream } = recorder({ isTTY: false });
    const progress = showProgress(plan, stream);
    for (let i = 1; i <= 12; i += 1) progress.step(step(i, i));
    progress.stop();
    expect(written.map((line) => line.split(' |')[0])).toEqual(['SAM step 1/20', 'SAM step 6/20', 'SAM step 11/20']);
    expect(written[1]).toBe('SAM step 6/20 | epoch 1/2 | loss 1.000 | accuracy 50.0 % | 32 images/s | 14 s left\n');
  });
});

/** What a bar asks of a terminal. */
const terminal = { isTTY: true, columns: 200, cursorTo() {}, clearLine() {}, moveCursor() {} };

describe('on a terminal', () => {
  test('a bar is drawn over itself, and what others write stays above it', () => {
    const { written, stream } = recorder(terminal);
    const progress = showProgress(plan, stream);
    progress.step(step(10, 5));
    progress.aside(() => stream.write('SAM epoch 1/2: test error 20.00 %\n'));
    progress.step(step(11, 6));
    progress.stop();
    const text = written.join('');
    expect(text).toContain('50 % | 5.0 s left | loss 1.000 | accuracy 50.0 % | 64 images/s | epoch 1/2');
    expect(text).toContain('SAM epoch 1/2: test error 20.00 %\n');
    expect(text.lastIndexOf('epoch 2/2')).toBeGreaterThan(text.indexOf('test error'));
  });
});
