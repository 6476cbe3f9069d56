import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluationRecord, printRecord, type StepRecord } from '@steppe/train';
import { onTestFinished } from 'vitest';

/** A new folder, which is removed when the test ends, or when `onEnd` says so. */
export function newFolder(onEnd: (remove: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'steppe-watch-'));
  onEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The line of a step of SAM, with its end. */
export const stepLine = (step: number, fields: Partial<StepRecord> = {}): string => {
  const { seconds = step / 10, loss = 1 / step } = fields;
  const at = { step, epoch: 1, gradientEvaluations: 2 * step, seconds };
  const record = { schema: 1, type: 'step', loss, perturbedLoss: loss + 0.1, sharpness: 0.1, metrics: {} } as const;
  return `${printRecord({ ...record, ...at, ...fields })}\n`;
};

/** The line of an evaluation, with its end. */
export const evaluationLine = (step: number, errorRate: number, split = 'test'): string =>
  `${printRecord(evaluationRecord({ loss: 1, errorRate, examples: 100 }, { step, epoch: 1, split }))}\n`;

/** Lines of steps, from one to another; their loss begins at `loss`. */
export const stepLines = (from: number, to: number, loss = 1): string =>
  Array.from({ length: to - from + 1 }, (_, i) => stepLine(from + i, { loss: loss / (from + i) })).join('');

/** Makes the folder of a run, with a log and what `steppe train` writes before the first step. */
export function makeRun(folder: string, log: string, config: object = { options: { batch: 8 }, steps: 100 }): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'metrics.jsonl'), log);
  return folder;
}

export const append = (folder: string, text: string): void => appendFileSync(join(folder, 'metrics.jsonl'), text);
