import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluationRecord, stepRecord } from '@steppe/train';
import { openRunLog } from '@steppe/train/node';
import { afterAll, expect, test } from 'vitest';
import { steppe } from '../support/capture.ts';

const place = mkdtempSync(join(tmpdir(), 'steppe-report-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** Leaves a run as training does: its log and its configuration. */
function leaveRun(folder: string, method: string, rho: number): void {
  const log = openRunLog(folder);
  for (const step of [1, 2, 3, 4]) {
    const report = {
      rho,
      scale: -0.1,
      ...(rho > 0 && { perturbedLoss: 1 / step + rho, gradientNorm: 2, epsilonHatNorm: rho }),
    };
    log.write(
      stepRecord(
        { loss: 1 / step, metrics: {}, report },
        { step, epoch: 1, gradientEvaluations: 2 * step, seconds: step },
      ),
    );
  }
  log.write(
    evaluationRecord({ loss: 0.5, errorRate: rho > 0 ? 0.25 : 0.5, examples: 8 }, { step: 4, epoch: 1, split: 'test' }),
  );
  log.close();
  const config = {
    schema: 'steppe.config/1',
    method,
    chain: `chain(samTransform(${rho}))`,
    options: { rho, batch: 8 },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
}

const run = join(place, 'a<script>');
leaveRun(run, 'SAM', 0.1);
leaveRun(join(run, 'sgd'), 'SGD', 0);
mkdirSync(join(run, 'checkpoints'));

test('a report holds a run and its rival: errors, what differs, each chart as SVG and PNG, and loads nothing', async () => {
  const out = join(place, 'out');
  const { code, out: stdout } = await steppe('report', run, '--out', out);
  expect(code).toBe(0);
  expect(stdout).toContain('25.00 %');
  expect(stdout).toContain('test error');
  const charts = ['epsilon-hat-norm', 'error', 'gradient-norm', 'learning-rate', 'loss', 'rho', 'sharpness'];
  const files = [...charts.flatMap((name) => [`${name}.png`, `${name}.svg`]), 'report.html'].sort();
  expect(readdirSync(out).sort()).toEqual(files);
  const page = readFileSync(join(out, 'report.html'), 'utf8');
  expect(page).toContain('SGD (a&lt;script&gt;/sgd)');
  expect(page).toContain('<tr><td>rho</td><td>0.1</td><td>0</td></tr>');
  expect(page).toContain('chain(samTransform(0.1))');
  expect(page).not.toMatch(/<script|(src|href)=|url\(|@import/);
  expect(page.match(/<svg /g)).toHaveLength(charts.length);
});

test('programs get one object with the files', async () => {
  const { out: stdout } = await steppe('report', run, run, '--out', join(place, 'json'), '--json');
  const { event, files } = JSON.parse(stdout);
  expect([event, files.length]).toEqual(['report', 15]);
});

test('what is no run, and a folder that is taken, are refused in one line before anything is written', async () => {
  const empty = join(place, 'empty');
  mkdirSync(empty);
  const garbage = join(place, 'garbage');
  mkdirSync(garbage);
  writeFileSync(join(garbage, 'metrics.jsonl'), 'garbage\n');
  const refusals = [
    [
      ['report', garbage],
      65,
      /^steppe: There is no run in .*garbage: .*metrics\.jsonl: line 1: A run record is a line of/,
    ],
    [['report', join(place, 'nowhere')], 64, /^steppe: No run at .*nowhere: give the folder of a run/],
    [['report', empty], 64, /^steppe: There is no run in .*empty: it has no config\.json and no metrics\.jsonl\.$/],
    [['report', run, '--out', run], 64, /^steppe: --out must be a folder that is new or empty/],
    [['report'], 64, /^steppe: missing required argument/],
  ] as const;
  for (const [argv, code, line] of refusals) {
    const ended = await steppe(...argv);
    expect([ended.code, ended.err.trim()]).toEqual([code, expect.stringMatching(line)]);
    expect(ended.err.trim()).not.toContain('\n');
  }
  expect(readdirSync(empty)).toEqual([]);
});
