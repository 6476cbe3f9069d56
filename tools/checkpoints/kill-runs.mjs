// Kills tiny runs of `steppe train` again and again at random moments, resumes them, and compares what they leave with a
// run without a break, bit for bit: weights, log and summary, but for times.
//   npm run build && node tools/checkpoints/kill-runs.mjs [--kills 20] [--backend native]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '20' }, backend: { type: 'string', default: 'native' } },
});
const cli = fileURLToPath(new URL('../../apps/wideresnet/dist/cli.js', import.meta.url));

/** Ten epochs of six or seven steps, with all that is random. */
const tiny = [
  '--preset',
  'fashion-mini',
  '--backend',
  values.backend,
  '--limit',
  '60',
  '--batch',
  '8',
  '--epochs',
  '10',
];
const chain = (links) => ['--chain', `[${links}]`, '--augment', 'basic'];
const noisy = ['--augment', 'cutout', '--label-noise', '0.3', '--dropout', '0.2', '--validation', '0.2'];
const cases = {
  'SAM and three rivals': [...noisy, '--compare', 'sgd', '--tuned-decay', '0.01'],
  'm-SAM at p = inf': ['--p', 'inf', '--m', '3', '--augment', 'basic'],
  'late SAM with AdamW': ['--sam-tail', '0.5', '--optimizer', 'adamw', '--lr', '0.01'],
  // Links with a phase, a state or random numbers of their own.
  'lookSam and an average': chain(
    '{ lookSam: { k: 3, rho: 0.05 } }, { microBatch: 4 }, { momentum: 0.05 }, { averageWeights: 0.9 }',
  ),
  'esam in every second step': chain('{ interval: { k: 2, link: { esam: { rho: 0.05, seed: 4 } } } }, { adam: 0.01 }'),
  'random in lookahead': chain(
    '{ lookahead: { optimizer: [{ random: { rho: 0.05, seed: 7 } }, { momentum: 0.05 }], k: 4 } }',
  ),
};

/** Kills a run somewhere within or after its n-th step here, unless it ends before; whether it ended. */
async function run(args, killAt) {
  const child = spawn(process.execPath, [cli, 'train', ...args, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = once(child, 'exit');
  let notes = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    notes += text;
  });
  let steps = 0;
  child.stdout.setEncoding('utf8').on('data', async (text) => {
    steps += text.split('"event":"step"').length - 1;
    if (killAt === undefined || steps < killAt) return;
    await sleep(100 * Math.random());
    child.kill('SIGKILL');
  });
  const [code, signal] = await exit;
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`steppe train ended with ${code ?? signal}. ${notes}`);
  return signal === null;
}

/** What a run leaves, without times. */
function leftBy(folder) {
  const bytes = readFileSync(join(folder, 'weights.safetensors'));
  const end = 8 + Number(bytes.readBigUInt64LE());
  const { __metadata__: _, ...tensors } = JSON.parse(String(bytes.subarray(8, end)));
  const timeless = ({ seconds, timestamp, ...rest }) => rest;
  const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
  const summary = timeless(JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')));
  return [tensors, bytes.subarray(end), lines.map((line) => timeless(JSON.parse(line))), summary];
}

const root = mkdtempSync(join(tmpdir(), 'steppe-kills-'));
try {
  for (const [name, options] of Object.entries(cases)) {
    const [whole, broken] = [join(root, name, 'whole'), join(root, name, 'broken')];
    await run([...tiny, ...options, '--out', whole]);
    let kills = 0;
    let isDone = false;
    for (; !isDone; kills += isDone ? 0 : 1)
      isDone = await run(
        [...tiny, ...options, '--out', broken, '--resume', 'auto'],
        kills < Number(values.kills) ? Math.ceil(12 * Math.random()) : undefined,
      );
    const rivals = options.includes('--compare') ? ['', 'sgd', 'sgd-same-epochs', 'sgd-tuned-decay'] : [''];
    const equal = rivals.every((rival) => isDeepStrictEqual(leftBy(join(broken, rival)), leftBy(join(whole, rival))));
    console.log(`${name} on ${values.backend}: ${kills} kills, ${equal ? 'the same bits' : 'OTHER BITS'}`);
    if (!equal) process.exitCode = 1;
  }
} finally {
  rmSync(root, { recursive: true });
}
