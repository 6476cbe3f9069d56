import { join } from 'node:path';
import { FileError, printable, reasonOf } from '@steppe/files';
import type { Curves, Problem, Run, RunState } from '../run.ts';
import { type Facts, factsOf } from './facts.ts';
import { holding } from './holding.ts';
import { type JsonFile, jsonFile } from './json-file.ts';
import { followLog } from './log.ts';
import type { Wanted } from './table.ts';
import type { Reading } from './tail.ts';

/** A run, followed. */
export type FollowedRun = {
  /**
   * Reads what is new.
   *
   * @param most - About how many bytes of the log.
   * @param heldAbove - Whether a trainer holds a folder that this one lies in.
   * @returns How many bytes of the log were read.
   */
  read(most: number, heldAbove: boolean): Promise<number>;
  /** Whether a trainer holds the folder. */
  held(): boolean;
  run(): Run;
  problems(): readonly Problem[];
  curves(wanted: Readonly<Record<string, Wanted>>, points: number): Curves;
  config(): JsonFile['value'];
  summary(): JsonFile['value'];
};

/** Milliseconds for which a log without a lock counts as being written since it last grew. */
const fresh = 30_000;

/** How a run stands: what its summary says, unless it went on since; then the lock; then the log's age. */
function stateOf({ value: summary }: JsonFile, step: number, held: boolean | undefined, changed: number): RunState {
  const ended = typeof summary?.steps === 'number' && summary.steps >= step;
  if (ended && summary?.status === 'complete') return 'complete';
  if (held !== undefined) return held ? 'running' : 'interrupted';
  return summary === undefined && Date.now() - changed < fresh ? 'running' : 'interrupted';
}

/** Says what is wrong without the path, which the page prints beside it. */
const whyOf = (error: unknown): string =>
  error instanceof FileError ? error.message.replace(`${printable(error.path)} `, '') : reasonOf(error);

/**
 * Follows one run.
 *
 * @param name - Its folder below the one that is watched.
 */
export function followRun(folder: string, name: string, limit: number): FollowedRun {
  const place = join(folder, name);
  const fileOf = (file: string): string => (name === '.' ? file : `${name}/${file}`);
  const readConfig = jsonFile(join(place, 'config.json'));
  const readSummary = jsonFile(join(place, 'summary.json'));
  const isHeld = holding(join(place, 'run.lock'));
  const log = followLog(join(place, 'metrics.jsonl'), limit);
  let config: JsonFile = {};
  let summary: JsonFile = {};
  let facts: Facts = { options: {} };
  let held: boolean | undefined;
  let above = false;
  let reading: Reading = { taken: 0, unread: 0, changed: 0 };
  let unreadable: string | undefined;

  return {
    async read(most, heldAbove) {
      const before = config;
      [config, summary, held] = await Promise.all([readConfig(), readSummary(), isHeld()]);
      if (config !== before) facts = factsOf(config);
      above = heldAbove;
      try {
        reading = await log.read(most, facts.batch);
        unreadable = undefined;
      } catch (error) {
        reading = { ...reading, taken: 0, unread: 0 };
        unreadable = whyOf(error);
      }
      return reading.taken;
    },
    held: () => held === true,
    run() {
      const { last, latest } = log.told();
      const { batch: _, ...shown } = facts;
      const state = stateOf(summary, last.step, held ?? (above || undefined), reading.changed);
      const left = ((facts.steps ?? Number.NaN) - last.step) * (last.seconds / last.step);
      return {
        name,
        state,
        ...shown,
        ...last,
        ...(state === 'running' && Number.isFinite(left) && left >= 0 && { secondsLeft: Math.round(left) }),
        latest,
        changed: reading.changed,
        unread: reading.unread,
      };
    },
    problems: () => [
      ...(config.problem === undefined ? [] : [{ file: fileOf('config.json'), why: config.problem }]),
      ...(summary.problem === undefined ? [] : [{ file: fileOf('summary.json'), why: summary.problem }]),
      ...(unreadable === undefined ? [] : [{ file: fileOf('metrics.jsonl'), why: unreadable }]),
      ...log.told().problems.map((why) => ({ file: fileOf('metrics.jsonl'), why })),
    ],
    curves: log.curves,
    config: () => config.value,
    summary: () => summary.value,
  };
}
