import { setBackend, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, test } from 'vitest';
import { trail } from '../src/training/trail.ts';

test('a trail keeps the start and at most 63 others, at even distances', async () => {
  await setBackend('cpu');
  const { add, points } = trail();
  for (let i = 0; i < 300; i++) {
    const [w, b] = [tensor2d([[i, 0]]), tensor1d([-i])];
    await add({ w, b });
    w.dispose();
    b.dispose();
    const seen = points().map(([at]) => at as number);
    expect(seen.length).toBeLessThan(64);
    const every = (seen[1] ?? 1) - (seen[0] as number);
    expect(seen).toEqual(seen.map((_, k) => k * every));
    expect(i - (seen.at(-1) as number)).toBeLessThan(every);
  }
  expect([...(points()[1] as Float32Array)]).toEqual([8, 0, -8]);
});
