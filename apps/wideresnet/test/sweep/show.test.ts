import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { steppe } from '../support/capture.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'steppe-show-'));
});
afterAll(() => rm(root, { recursive: true }));

const json = (file: string, value: unknown) => writeFile(file, JSON.stringify(value));

/** A folder of a sweep over rho, with what its runs leave there. */
async function sweepOf(name: string, errors: readonly (readonly [rho: number, error: number | undefined])[]) {
  const folder = join(root, name);
  await mkdir(folder);
  const head = { schema: 'steppe.sweep/1', metric: 'validation_error', direction: 'minimize' };
  await json(join(folder, 'sweep.json'), { ...head, space: { rho: errors.map(([rho]) => rho) } });
  for (const [i, [rho, validationError]] of errors.entries()) {
    const trial = join(folder, `trial-000${i}`);
    await mkdir(trial);
    await json(join(trial, 'config.json'), { options: { rho } });
    const summary = { status: 'complete', validationError, testError: 0.2, seconds: 4.2 };
    if (validationError !== undefined) await json(join(trial, 'summary.json'), summary);
  }
  return folder;
}

test('The trials of a sweep are a table, the best one first, a sentence and two charts', async () => {
  const folder = await sweepOf('rho', [
    [0.01, 0.3],
    [0.1, 0.1],
    [0.5, 0.2],
    [0.05, undefined],
  ]);
  await mkdir(join(folder, 'trial-0004'));
  const { code, out } = await steppe('sweep', '--show', folder);
  expect(code).toBe(0);
  expect(out.replaceAll(root, '')).toMatchInlineSnapshot(`
    "trial        rho  validation error         state   time
    trial-0001   0.1           10.00 %      complete  4.2 s
    trial-0002   0.5           20.00 %      complete  4.2 s
    trial-0000  0.01           30.00 %      complete  4.2 s
    trial-0003  0.05                    not complete
    trial-0004                             not begun

    The best of 3 complete trials is trial-0001: --rho=0.1, validation error 10.00 %, test error 20.00 %.

    validation error, %
         30 │●
            │
            │
         25 │
            │
            │
         20 │                                                                      ●
            │
         15 │
            │
            │
         10 │                                         ◆
            └───────────────────────────────────────────────────────────────────────
             0.01                                    0.1                         0.5
             rho

    The picture: /rho/sweep.svg
    "
  `);
  const picture = await readFile(join(folder, 'sweep.svg'), 'utf8');
  expect(picture).toContain('validation error, % over rho: best 10 at 0.1, of 3 trials');
  expect(picture.match(/<circle/g)).toHaveLength(2);
  expect(picture).toContain('class="best"');
});

test('A sweep of which nothing is complete says so, and draws nothing', async () => {
  const { code, out } = await steppe('sweep', '--show', await sweepOf('none', [[0.01, undefined]]));
  expect(code).toBe(0);
  expect(out).toMatch(/No trial of 1 is complete\.\n$/);
});

test('A metric that is no share is drawn as it is, and names of folders become no tags', async () => {
  const folder = await sweepOf('<b>', [[1, 0.5]]);
  const loss = { schema: 'steppe.sweep/1', metric: 'validation_loss', direction: 'minimize', space: { rho: [1] } };
  await json(join(folder, 'sweep.json'), loss);
  await json(join(folder, 'trial-0000', 'summary.json'), { status: 'complete', validationLoss: 1.5, seconds: 1 });
  const { out } = await steppe('sweep', '--show', folder);
  expect(out).toContain('validation loss 1.500');
  expect(await readFile(join(folder, 'sweep.svg'), 'utf8')).toContain('>&lt;b&gt;</text>');
});
