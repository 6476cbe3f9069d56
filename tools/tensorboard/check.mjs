// Reads the event files of a run back with TensorBoard itself, and compares them with the run's metrics.jsonl:
//   node tools/tensorboard/check.mjs [RUN]
// Without RUN it trains one for a few steps (build first: npm run build). python3 makes an environment of its own in the
// user's cache, where pip fetches TensorBoard (10 MB) the first time.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = '2.21.0';
const root = fileURLToPath(new URL('../../', import.meta.url));
const run = (command, args) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 28 });

/** The interpreter of an environment that has TensorBoard. */
function python() {
  const place = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'steppe', `tensorboard-${version}`);
  const interpreter = join(place, 'bin', 'python');
  const isReady = existsSync(join(place, 'ready'));
  if (isReady) return interpreter;
  run('python3', ['-m', 'venv', '--clear', place]);
  run(interpreter, ['-m', 'pip', 'install', '--quiet', `tensorboard==${version}`, 'setuptools<81']);
  run(interpreter, ['-c', `open(${JSON.stringify(join(place, 'ready'))}, 'w').close()`]);
  return interpreter;
}

function trained() {
  const out = join(mkdtempSync(join(tmpdir(), 'steppe-tensorboard-')), 'run');
  const options = ['--preset', 'fashion-mini', '--limit', '64', '--steps', '6', '--out', out, '--tensorboard'];
  run(process.execPath, [join(root, 'apps/wideresnet/dist/cli.js'), 'train', ...options]);
  return out;
}

const reader = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0}).Reload()
print(json.dumps({tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()['scalars']}))
`;

const folder = process.argv[2] ?? trained();
const seen = JSON.parse(run(python(), ['-c', reader, folder]));
let compared = 0;
for (const line of readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n')) {
  const { type, split, step, metrics = {}, ...fields } = JSON.parse(line);
  if (type !== 'step' && type !== 'evaluation') continue;
  for (const [name, value] of Object.entries({ ...fields, ...metrics })) {
    if (typeof value !== 'number' || name === 'schema') continue;
    const tag = `${type === 'step' ? 'train' : split}/${name}`;
    const found = (seen[tag] ?? []).filter(([at]) => at === step);
    if (found.length !== 1 || found[0][1] !== Math.fround(value))
      throw new Error(
        `${tag} at step ${step} must be ${Math.fround(value)}, and TensorBoard reads ${JSON.stringify(found)}.`,
      );
    compared += 1;
  }
}
console.log(`TensorBoard ${version} reads the same ${compared} numbers from ${folder}`);
