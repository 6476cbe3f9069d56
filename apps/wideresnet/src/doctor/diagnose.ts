import { type BackendName, type DeviceRow, repairCommand } from '@steppe/backends';
import type { Benchmark } from './benchmark.ts';
import { inChild } from './in-child.ts';

/** What the doctor knows of a device. */
export type Diagnosis = DeviceRow & {
  /** Whether it took its process down, or never answered: then so does whoever tries it. */
  readonly crashed: boolean;
  /** How fast it is, or why that could not be measured; nothing where nobody asked or it is not available. */
  readonly benchmark?: Benchmark | { readonly failed: string };
};

/** Seconds for a device to answer: the native engine may have to be compiled first. */
const patience = 180;

/** Seconds for a device to answer and to be timed: software renderers compile their shaders slowly. */
const patienceOfBenchmark = 90;

const child = new URL('./child.js', import.meta.url);

type Told = { row?: DeviceRow; benchmark?: Benchmark; done?: true };

async function ask(name: BackendName, flags: readonly string[], seconds: number): Promise<[Told, string | undefined]> {
  const told: Told = {};
  const failure = await inChild(child, [name, ...flags], seconds, (message) => Object.assign(told, message));
  return [told, told.done ? undefined : (failure ?? 'its process ended without a word')];
}

/**
 * Looks at a device in a process of its own, and computes on it there.
 *
 * @param asked - Whether somebody asked for this device, so that a software renderer is as good as any.
 */
export async function diagnose(name: BackendName, asked: boolean): Promise<Diagnosis> {
  const [{ row }, failure] = await ask(name, asked ? ['asked'] : [], patience);
  if (row && failure === undefined)
    return { ...row, command: row.available ? '' : row.command || repairCommand(name), crashed: false };
  return {
    name,
    available: false,
    version: row?.version ?? '',
    reason: `it fails: ${failure}`,
    command: repairCommand(name),
    warnings: [],
    details: {},
    crashed: true,
  };
}

/** Times gradients on a device that is available, in a process of its own. */
export async function timed(diagnosis: Diagnosis): Promise<Diagnosis> {
  const [told, failure] = await ask(diagnosis.name, ['asked', 'bench'], patienceOfBenchmark);
  return { ...diagnosis, benchmark: told.benchmark ?? { failed: failure ?? told.row?.reason ?? 'no result' } };
}
