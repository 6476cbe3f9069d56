import * as tf from '@tensorflow/tfjs-core';
import { contest } from './contest.ts';
import { explain, openDevice } from './device.ts';
import { gate } from './gate.ts';
import { loadImages } from './images.ts';
import type { Reply, Request, Told } from './messages.ts';
import { sideline } from './sideline.ts';
import type { Turn } from './slices.ts';

/** Steps between two measurements, which cost about as much as fifteen of them. */
const EVERY = 20;

/** Seconds that the survey of the landscape may take beside a second of steps. */
const SHARE = 1;

type Prepare = Extract<Request, { type: 'prepare' }>;

const { pass, open, shut } = gate();
let ending = new AbortController();
let work: Promise<void> = Promise.resolve();
let surveying = false;

const teller =
  (run: number) =>
  (told: Told): void =>
    self.postMessage({ run, ...told } satisfies Reply);

/** What only a survey needs is loaded with the first. */
async function loadSurveyor(): Promise<typeof import('./survey.ts')> {
  try {
    return await import('./survey.ts');
  } catch (cause) {
    throw new Error(
      'The script that measures the landscape is not served: copy the whole folder that the build made, or turn the landscape off.',
      { cause },
    );
  }
}

async function run({ run: number, settings, page }: Prepare, signal: AbortSignal): Promise<void> {
  const reply = teller(number);
  const [{ name, description, warnings }, images] = await Promise.all([
    openDevice(settings.backend, page),
    loadImages(page),
  ]);
  if (signal.aborted) return;
  const race = await contest(settings, images);
  const measure = async (): Promise<void> => {
    const measurement = await race.measure();
    if (!signal.aborted) reply({ type: 'measured', measurement, tensors: tf.memory().numTensors });
  };
  let look: ((turn: Turn) => Promise<void>) | undefined;
  const survey = sideline(
    async () => {
      await pass(signal);
      return surveying && !signal.aborted;
    },
    async (turn) => {
      look ??= (await loadSurveyor()).surveyor(race, (finding) => !signal.aborted && surveying && reply(finding));
      await look(turn);
    },
  );
  try {
    reply({
      type: 'ready',
      device: name === 'webgpu' ? description : 'WebAssembly on one core',
      warnings: [...warnings, ...race.warnings],
    });
    await pass(signal);
    if (!signal.aborted) await measure();
    for (;;) {
      await pass(signal);
      if (signal.aborted) return;
      const start = performance.now();
      const { step, loss } = await race.step();
      if (signal.aborted) return;
      const milliseconds = performance.now() - start;
      reply({ type: 'step', step, loss, milliseconds });
      if (step % EVERY === 0) await measure();
      if (surveying)
        await survey.give(SHARE * milliseconds).catch(async (error: unknown) => {
          await race.step(); // Of runs that have diverged the next step says which, and what to do.
          throw error;
        });
      else await survey.end();
      // A turn of the event loop, so that a pause is heard before the next step.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  } finally {
    await survey.end();
    race.dispose();
  }
}

self.onmessage = ({ data }: MessageEvent<Request>) => {
  if (data.type === 'go') open();
  if (data.type === 'pause') shut();
  if (data.type === 'survey') surveying = data.on;
  if (data.type === 'prepare') {
    ending.abort();
    shut();
    ending = new AbortController();
    const { signal } = ending;
    // One run at a time: the device and its memory are shared.
    work = work
      .then(() => (signal.aborted ? undefined : run(data, signal)))
      .catch((error: unknown) => {
        if (!signal.aborted) teller(data.run)({ type: 'failed', message: explain(error) });
      });
  }
};
