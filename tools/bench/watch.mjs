// Measures the reader and the server of @steppe/watch: a million lines of logs in one run and in a hundred, the looks
// after the first, and what a page loads. node tools/bench/watch.mjs
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printRecord, stepRecord } from '@steppe/train';
import { serve, watchRuns } from '@steppe/watch';

const lines = 1_000_000;
const root = mkdtempSync(join(tmpdir(), 'steppe-watch-bench-'));

/** A line of a step of SAM as `steppe train` writes it, with one spike in the whole log. */
const line = (step, spike) => {
  const loss = spike ? 1000 : 2.3 * Math.exp(-step / 5000) + 0.1 * Math.random();
  const report = {
    perturbedLoss: loss + 0.05,
    gradientNorm: 1 + Math.random(),
    epsilonHatNorm: 0.05,
    rho: 0.05,
    scale: -0.1,
  };
  const at = { step, epoch: 1, gradientEvaluations: 2 * step, seconds: step / 10 };
  return `${printRecord(stepRecord({ loss, metrics: { accuracy: Math.random() }, report }, at))}\n`;
};

function makeRuns(folder, runs) {
  const each = lines / runs;
  for (let run = 0; run < runs; run++) {
    const place = join(folder, `run-${run}`);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'config.json'), JSON.stringify({ options: { rho: run / 100, batch: 32 }, steps: each }));
    for (let from = 1; from <= each; from += 10_000) {
      const text = Array.from({ length: Math.min(10_000, each) }, (_, i) => line(from + i, from + i === 4321));
      appendFileSync(join(place, 'metrics.jsonl'), text.join(''));
    }
  }
  return folder;
}

const timed = async (work) => {
  const begin = performance.now();
  const result = await work();
  return [performance.now() - begin, result];
};
const ms = (time) => `${time.toFixed(time < 10 ? 2 : 0)} ms`;

try {
  for (const runs of [1, 100]) {
    const folder = makeRuns(join(root, String(runs)), runs);
    const megabytes = (statSync(join(folder, 'run-0', 'metrics.jsonl')).size * runs) / 1e6;
    const watched = watchRuns(folder);
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    const [first] = await timed(() => watched.look());
    const grown = (process.memoryUsage().rss - before) / 1e6;
    const [idle] = await timed(() => watched.look());
    for (let run = 0; run < Math.min(10, runs); run++)
      appendFileSync(join(folder, `run-${run}`, 'metrics.jsonl'), line(lines / runs + 1));
    const [live] = await timed(() => watched.look());
    const [read, curves] = await timed(() => watched.curves('run-0', {}, 250));
    const spikes = curves.train.columns.loss.high.filter((high) => high === 1000).length;
    console.log(`${runs} ${runs === 1 ? 'run' : 'runs'}, ${lines} lines, ${megabytes.toFixed(0)} MB of logs`);
    console.log(`  first look ${ms(first)}, memory ${grown.toFixed(0)} MB more; a look at nothing new ${ms(idle)}`);
    console.log(`  a look after lines in ${Math.min(10, runs)} of them ${ms(live)}; curves of a run ${ms(read)}`);
    console.log(`  points of a curve ${curves.train.step.length}; spikes of one step that are still there ${spikes}`);
    const served = await serve(folder, { port: 0 });
    const [page, text] = await timed(async () => (await fetch(`${served.url}api/runs`)).text());
    console.log(`  the list of runs, served ${ms(page)}, ${(text.length / 1e3).toFixed(0)} kB`);
    const response = await fetch(`${served.url}api/curves?run=run-0&points=250`);
    console.log(`  the curves of a run, served: ${((await response.text()).length / 1e3).toFixed(0)} kB`);
    await served.close();
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
