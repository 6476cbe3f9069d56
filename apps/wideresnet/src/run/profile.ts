import { join } from 'node:path';
import { chain, textOf } from '@steppe/transforms';
import { dispose, type Tree } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import type { Link, Optimizer } from '../chain/param.ts';
import { profileLines } from '../report/measured.ts';
import type { Data } from './data.ts';
import { exampleLosses } from './network.ts';
import { linksOf } from './optimizer.ts';
import type { Plan } from './plan.ts';
import { writeJson } from './run-folder.ts';
import type { Start } from './training.ts';
import { tryStep } from './trial.ts';

/** What kernels of one name, or those that run for one link, take in a step. */
export type Share = { readonly name: string; readonly calls: number; readonly milliseconds: number };

/** Where the time of a step goes: the content of profile.json. */
export type Profile = {
  readonly schema: 'steppe.profile/1';
  /** Steps that were profiled; all figures are their means. */
  readonly steps: number;
  /** Of a step that was not profiled; what kernels do not take of it is JavaScript and waiting. */
  readonly stepMilliseconds: number;
  readonly kernelMilliseconds: number;
  readonly kernels: readonly Share[];
  readonly links: readonly Share[];
};

const steps = 3;

/** From which kernel on something else is at work. */
type Mark = { readonly from: number; readonly name: string };

/** Notes at which kernel each link begins and ends. */
function recorder() {
  const marks: Mark[] = [{ from: 0, name: 'the new weights' }];
  const working = ['the new weights'];
  const mark = (): void => {
    const from = tf.engine().state.activeProfile?.kernels.length ?? 0;
    marks.push({ from, name: working.at(-1) ?? '' });
  };
  const probe = (link: Link, name: string): Link => ({
    ...link,
    update(gradient, state, params, batch) {
      working.push(name);
      mark();
      try {
        return link.update(gradient, state, params, batch);
      } finally {
        working.pop();
        mark();
      }
    },
  });
  return { marks, probe };
}

/** Adds up times by name, the longest first. */
function shares(times: readonly (readonly [name: string, milliseconds: number])[]): readonly Share[] {
  const byName = new Map<string, Share>();
  for (const [name, time] of times) {
    const { calls, milliseconds } = byName.get(name) ?? { calls: 0, milliseconds: 0 };
    byName.set(name, { name, calls: calls + 1, milliseconds: milliseconds + time });
  }
  const means = [...byName.values()].map((all) => ({
    name: all.name,
    calls: all.calls / steps,
    milliseconds: all.milliseconds / steps,
  }));
  return means.sort((a, b) => b.milliseconds - a.milliseconds);
}

/** The kernels of one step, each with the link that it ran for and its time. */
async function profileStep(
  make: () => object,
  marks: Mark[],
): Promise<readonly { readonly kernel: string; readonly link: string; readonly milliseconds: number }[]> {
  marks.length = 1;
  const { kernels } = await tf.profile(() => {
    dispose(make() as Tree);
    return [];
  });
  return Promise.all(
    kernels.map(async ({ name, kernelTimeMs }, i) => {
      const time = await kernelTimeMs;
      const link = marks.findLast(({ from }) => from <= i)?.name ?? '';
      return { kernel: name, link, milliseconds: typeof time === 'number' ? time : 0 };
    }),
  );
}

/**
 * Measures where the time of a run's step goes, by kernel and by link of its chain, on a copy of where it starts.
 *
 * Kernels are timed by the backend, or else each is waited for: a profiled step is slower than one of a run.
 */
async function profileOf(plan: Plan, data: Data, start: Start): Promise<Profile> {
  const { marks, probe } = recorder();
  const links = linksOf(plan.options, plan.steps, exampleLosses(start.network, plan.options));
  const loss: Link = probe(chain(), 'the loss and its gradient');
  const optimizer: Optimizer = chain(loss, ...links.map((link) => probe(link, textOf(link))));
  const trial = await tryStep(plan, data, start, optimizer);
  try {
    await trial.time();
    const { seconds } = await trial.time();
    const all = [];
    for (let i = 0; i < steps; i += 1) all.push(...(await profileStep(trial.make, marks)));
    const kernels = shares(all.map(({ kernel, milliseconds }) => [kernel, milliseconds]));
    return {
      schema: 'steppe.profile/1',
      steps,
      stepMilliseconds: 1000 * seconds,
      kernelMilliseconds: kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
      kernels,
      links: shares(all.map(({ link, milliseconds }) => [link, milliseconds])),
    };
  } finally {
    trial.free();
  }
}

/** Profiles a run that is done: tells where the time of its step goes, and leaves `profile.json` in its folder. */
export async function profileRun(
  plan: Plan,
  data: Data,
  start: Start,
  { folder, note }: { readonly folder: string; readonly note: (text: string) => void },
): Promise<void> {
  const profile = await profileOf(plan, data, start);
  note(`\n${profileLines(profile).join('\n')}`);
  await writeJson(join(folder, 'profile.json'), profile, { replace: true });
}
