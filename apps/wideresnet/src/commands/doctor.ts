import { type BackendName, backendNames } from '@steppe/backends';
import { printJson } from '@steppe/tree';
import { version_core as tfjs } from '@tensorflow/tfjs-core';
import { benchmarked } from '../doctor/benchmarked.ts';
import { type Diagnosis, diagnose, timed } from '../doctor/diagnose.ts';
import { describeAll, describeBenchmark, describeChoice } from '../doctor/text.ts';
import { print } from '../report/print.ts';
import { exitCode } from './exit-codes.ts';
import { version } from './version.ts';

/** What `steppe doctor` is asked for. */
export type DoctorOptions = {
  readonly backend: BackendName | 'auto';
  readonly bench: boolean;
  readonly json: boolean;
};

/** Says on standard error what is still waited for, every five seconds. */
async function patiently<Result>(what: () => string, work: Promise<Result>): Promise<Result> {
  const begin = performance.now();
  const seconds = (): number => Math.round((performance.now() - begin) / 1000);
  const timer = setInterval(() => print(process.stderr, `${what()} (${seconds()} s)`), 5000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

/** Looks at all devices at once: each is a process that mostly loads files. */
function examine(names: readonly BackendName[]): Promise<readonly Diagnosis[]> {
  const waiting = new Set(names);
  const all = names.map(async (name) => {
    const diagnosis = await diagnose(name, names.length === 1);
    waiting.delete(name);
    return diagnosis;
  });
  return patiently(() => `looking at ${[...waiting].join(', ')} ...`, Promise.all(all));
}

/** Runs `steppe doctor`: which devices there are and work, how fast they are, and how to get the others. */
export async function doctorCommand({ backend, bench, json }: DoctorOptions): Promise<number> {
  const say = (...lines: readonly string[]): void => {
    if (!json) print(process.stdout, ...lines);
  };
  const versions = { steppe: await version(), node: process.versions.node, tfjs };
  say(`steppe ${versions.steppe}, Node ${versions.node}, TensorFlow.js ${tfjs}`, '');
  const found = await examine(backend === 'auto' ? backendNames : [backend]);
  say(...describeAll(found));
  if (bench && found.some(({ available }) => available))
    say('', `Loss and gradient of a ${benchmarked}, images of 28 × 28 × 1:`);
  const diagnoses: Diagnosis[] = [];
  // One after the other: they share the processor.
  for (const diagnosis of found) {
    const measured =
      bench && diagnosis.available
        ? await patiently(() => `timing ${diagnosis.name} ...`, timed(diagnosis))
        : diagnosis;
    diagnoses.push(measured);
    if (measured.benchmark) say(describeBenchmark(measured));
  }
  if (backend === 'auto') say('', describeChoice(diagnoses));
  if (json) {
    const chosen = diagnoses.find(({ available, crashed, mistaken }) => available || crashed || mistaken);
    const event = { event: 'devices', devices: diagnoses, chosen: chosen?.available ? chosen.name : null, versions };
    print(process.stdout, printJson({ schema: 'steppe.events/1', ...event }));
  }
  return diagnoses.some(({ available }) => available) ? exitCode.ok : exitCode.unavailable;
}
