import { closeSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder, reasonOf } from '@steppe/files';
import { checkPath } from '../check-path.ts';
import type { RunLog, RunLogOptions } from '../run-log.ts';
import type { RunRecord } from '../run-record.ts';
import { restartEvent, scalarsEvent, versionEvent } from './event.ts';

/** A run's log for TensorBoard, open for writing. */
export type EventLog = Pick<RunLog, 'file' | 'write' | 'close'>;

/** How an event log is opened. */
export type EventLogOptions = RunLogOptions & {
  /** The step that a resumed run goes on from: what earlier files say of later steps is void. */
  readonly from?: number;
};

/** The numbers of a record by TensorBoard's tags: `train/loss`, `test/errorRate`; none of what is no measurement. */
function scalarsOf(record: RunRecord): readonly (readonly [string, number])[] {
  if (record.type === 'change') return [];
  const { schema: _, step: _step, metrics, ...fields } = record;
  const group = record.type === 'evaluation' ? record.split : 'train';
  return Object.entries({ ...fields, ...metrics }).flatMap(([name, n]) =>
    typeof n === 'number' ? [[`${group}/${name}`, n] as const] : [],
  );
}

/** The first name that no file has yet: two logs may begin within one second. */
function openNew(folder: string, seconds: number): { readonly file: string; readonly descriptor: number } {
  const stem = `events.out.tfevents.${Math.floor(seconds)}.${hostname()}.${process.pid}`;
  for (let i = 0; ; i += 1) {
    const file = join(folder, `${stem}.${i}`);
    try {
      return { file, descriptor: openSync(file, 'wx') };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/**
 * Opens a log of a run for TensorBoard: an event file, to which each record's numbers are written at once, by tags such
 * as `train/loss` and `test/errorRate`.
 *
 * `tensorboard --logdir FOLDER` shows it, beside others in folders of their own. Numbers are float32 there. A failing
 * disk is told of once, and training goes on without the log.
 *
 * @param folder - Made when it is missing; each opening makes a file of its own in it.
 * @throws When the file cannot be made.
 *
 * @example
 * ```ts
 * import { mkdtemp, stat } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { evaluationRecord } from '@steppe/train';
 * import { openEventLog } from '@steppe/train/node';
 *
 * const log = openEventLog(await mkdtemp(join(tmpdir(), 'steppe-')));
 * log.write(evaluationRecord({ loss: 0.5, examples: 100 }, { step: 10, epoch: 1, split: 'test' }));
 * log.close();
 * console.log((await stat(log.file)).size > 0, log.file.includes('tfevents')); // => true true
 * ```
 */
export function openEventLog(folder: string, { warn = process.emitWarning, from }: EventLogOptions = {}): EventLog {
  checkPath('folder', folder);
  const now = (): number => Date.now() / 1000;
  makeFolder(folder);
  const { file, descriptor } = openNew(folder, now());
  let state: 'well' | 'failed' | 'closed' = 'well';
  const append = (bytes: Uint8Array): void => {
    // A record that is cut off makes what follows unreadable, so nothing follows.
    if (state === 'failed') return;
    try {
      let written = 0;
      while (written < bytes.length) written += writeSync(descriptor, bytes, written);
    } catch (error) {
      state = 'failed';
      warn(`${file} cannot be written (${reasonOf(error)}); training goes on without it.`);
    }
  };
  append(versionEvent(now()));
  if (from !== undefined) append(restartEvent(now(), from + 1));
  return {
    file,
    write(record) {
      if (state === 'closed') throw new Error(`The log ${file} is closed: write to it before close().`);
      const scalars = scalarsOf(record);
      if (scalars.length > 0) append(scalarsEvent(now(), record.step, scalars));
    },
    close() {
      if (state !== 'closed') closeSync(descriptor);
      state = 'closed';
    },
  };
}
