import { useBackend } from '@steppe/backends';
import { hessian, lambdaMax } from '@steppe/sharpness';
import { addScaled, dispose, minus, norm, pure, scaled } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { defaults } from '../src/settings.ts';
import { type Contest, contest, type Standing } from '../src/training/contest.ts';
import type { Point } from '../src/training/plane.ts';
import { slices } from '../src/training/slices.ts';
import { type Curvature, type Finding, type Landscape, surveyor } from '../src/training/survey.ts';
import { fewImages, splits } from './support/shipped.ts';

const few = splits(fewImages(16, 4));
const settings = { ...defaults, batch: 8, m: 4, rho: 0.1, noise: 0 };

beforeAll(async () => void (await useBackend('wasm')));

const numberOf = (scalar: tf.Tensor): number => {
  const [value] = scalar.dataSync();
  scalar.dispose();
  return value as number;
};

describe('a survey of where SGD and SAM stand', () => {
  let race: Contest;
  let here: Standing;
  let curvature: Curvature;
  let landscape: Landscape;
  let findings: Finding[];
  let before: number;
  let look: ReturnType<typeof surveyor>;

  const survey = async (): Promise<void> => {
    findings.length = 0;
    const work = slices(look);
    while (await work.next());
  };
  const begin = async (rho: number): Promise<void> => {
    before = tf.memory().numTensors;
    race = await contest({ ...settings, rho }, few);
    await race.measure();
    for (let i = 0; i < 3; i++) await race.step();
    here = race.standing();
    findings = [];
    look = surveyor(race, (finding) => findings.push(finding));
  };
  const end = (): void => {
    dispose(here.start, here.sgd, here.sam);
    race.dispose();
    expect(tf.memory().numTensors).toBe(before);
  };

  test('finds λ_max of both, the ways, and the loss on the plane through the start and both', async () => {
    await begin(0.1);
    const held = tf.memory().numTensors;
    await survey();
    expect(tf.memory().numTensors).toBe(held);
    expect(findings.map(({ type }) => type)).toEqual(['curvature', 'landscape']);
    for (const finding of findings) {
      if (finding.type === 'curvature') ({ curvature } = finding);
      else ({ landscape } = finding);
    }
    expect([curvature.step, landscape.step]).toEqual([3, 3]);

    const exact = await lambdaMax(hessian(race.loss, here.sam, [race.few]), { tolerance: 1e-3 });
    expect(exact.converged).toBe(true);
    const off = Math.abs(curvature.lambdaMax.sam - exact.value);
    expect(off).toBeLessThanOrEqual(curvature.bound.sam + exact.bound);
    expect(off).toBeLessThan(0.02 * curvature.lambdaMax.sam);

    const { xs, ys, values, ways } = landscape;
    const [start, sgd, sam] = [ways.sgd[0], ways.sgd.at(-1), ways.sam.at(-1)] as [Point, Point, Point];
    expect(ways.sam[0]).toEqual(start);
    expect(ways.sgd).toHaveLength(2);
    const apart = numberOf(tf.tidy(() => norm(minus(here.sam, here.sgd))));
    const far = numberOf(tf.tidy(() => norm(minus(here.sgd, here.start))));
    expect(sgd[0]).toBeCloseTo(-apart / 2, 5);
    expect(sam[0]).toBeCloseTo(apart / 2, 5);
    expect([sgd[1], sam[1]].map(Math.abs).map((y) => y < 1e-5)).toEqual([true, true]);
    expect(start[1]).toBeGreaterThan(0);
    expect(Math.hypot(start[0] - sgd[0], start[1] - sgd[1])).toBeCloseTo(far, 5);
    for (const [x, y] of [start, sgd, sam]) {
      expect(x > (xs[0] as number) && x < (xs.at(-1) as number)).toBe(true);
      expect(y > (ys[0] as number) && y < (ys.at(-1) as number)).toBe(true);
    }

    // Any place of the plane is a·start + b·SGD + c·SAM with a + b + c = 1.
    for (const [i, j] of [
      [0, 0],
      [5, 1],
      [2, 4],
    ] as const) {
      const a = (ys[j] as number) / start[1];
      const c = ((xs[i] as number) - a * start[0]) / apart + (1 - a) / 2;
      const loss = pure(() => {
        const there = addScaled(addScaled(scaled(here.start, a), 1 - a - c, here.sgd), c, here.sam);
        return race.loss(there, race.few);
      });
      expect(values[j]?.[i]).toBeCloseTo(numberOf(loss), 3);
    }

    // Ended amid a product, or amid the plane, it leaves nothing behind.
    for (const many of [2, 25]) {
      const work = slices(look);
      for (let i = 0; i < many; i++) expect(await work.next()).toBe(true);
      await work.end();
      expect(tf.memory().numTensors).toBe(held);
    }
    end();
  });

  test('draws no plane through two networks that are one', async () => {
    await begin(0);
    await survey();
    const [found, ...others] = findings;
    expect(others).toEqual([]);
    if (found?.type !== 'curvature') throw new Error('There is no λ_max.');
    expect(found.curvature.lambdaMax.sgd).toBe(found.curvature.lambdaMax.sam);
    end();
  });
});
