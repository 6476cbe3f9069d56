import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { key } from '@steppe/random';
import { dispose } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import type { Position } from '../../src/index.ts';
import type { Checkpoints } from '../../src/node.ts';

type Simple = Position<tf.Tensor, null, null>;

/** A position whose parameters, `size` of them, are the number of its step. */
export const positionAt = (step: number, size = 3): Simple => ({
  step,
  params: tf.fill([size], step),
  state: null,
  optimizer: null,
  key: key(1),
});

/** The name of a checkpoint's file. */
export const nameOf = (step: number): string => `step-${String(step).padStart(10, '0')}.safetensors`;

export const pathOf = (run: string, step: number): string => join(run, 'checkpoints', nameOf(step));

export const filesIn = (run: string): readonly string[] => readdirSync(join(run, 'checkpoints'));

/** Saves a position of each step, one after the other, and gives what became of each. */
export async function saveAll(
  checkpoints: Checkpoints,
  steps: readonly number[],
  size?: number,
): Promise<readonly (string | undefined)[]> {
  const files: (string | undefined)[] = [];
  for (const step of steps) {
    const position = positionAt(step, size);
    files.push(await checkpoints.save(position, { of: step }));
    dispose(position);
  }
  return files;
}

/** The step of the latest checkpoint, with what was passed over before it; its tensors are freed. */
export async function latestIn(
  checkpoints: Checkpoints,
): Promise<{ readonly step: number; readonly skipped: readonly { readonly file: string; readonly why: string }[] }> {
  const found = await checkpoints.latest();
  if (found === undefined) throw new Error('There is no checkpoint.');
  dispose(found.position);
  return found;
}
