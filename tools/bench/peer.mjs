// Our gradient and SAM step beside PyTorch's, alternated in one run: the ratio is what counts.
//   npm run build && node tools/bench/peer.mjs --peer PATH/peer_torch_wrn.py [--python /usr/bin/python3] [--turns 3] [--keep] [16-1-32 ...]
// The peer needs PyTorch: apt-get install python3-torch.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keep, table } from './report.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peer: { type: 'string', default: '../shared/bench/peer_torch_wrn.py' },
    python: { type: 'string', default: '/usr/bin/python3' },
    turns: { type: 'string', default: '3' },
    keep: { type: 'boolean', default: false },
  },
});
const networks = positionals.length > 0 ? positionals : ['16-1-32', '16-4-32', '16-1-128', '16-4-128'];
const steps = fileURLToPath(new URL('steps.mjs', import.meta.url));

function measure(network, ...options) {
  const command = [steps, '--backend', 'native', '--json', ...options, network];
  const output = execFileSync(process.execPath, command, { encoding: 'utf8' });
  return JSON.parse(output.trim().split('\n').at(-1)).rows[0];
}

function ours(network) {
  const row = measure(network, '--rounds', network.endsWith('-4-128') ? '5' : '9');
  return {
    gradient: Number(row['gradient (s)']),
    sam: Number(row['SAM step (s)']),
    megabytes: row['peak memory (MB)'],
    gradientMegabytes: measure(network, '--rounds', '3', '--gradient-only')['peak memory (MB)'],
  };
}

function torch(network, mode) {
  const [depth, width, batch] = network.split('-');
  const output = execFileSync(
    values.python,
    [
      ...[values.peer, '--depth', depth, '--width', width, '--batch', batch, '--threads', '2', '--mode', mode],
      ...['--channels-last', '--steps', network.endsWith('-4-128') ? '5' : '12'],
    ],
    {
      encoding: 'utf8',
      env: { ...process.env, MALLOC_MMAP_THRESHOLD_: String(2 ** 33), MALLOC_TRIM_THRESHOLD_: String(2 ** 33) },
    },
  );
  const { median_s: seconds, maxrss_mb: megabytes, peer } = JSON.parse(output.trim().split('\n').at(-1));
  return { seconds, megabytes, peer };
}

let peer = '';
const rows = networks.map((network) => {
  const turns = Array.from({ length: Number(values.turns) }, () => {
    const gradient = torch(network, 'grad');
    const us = ours(network);
    const sam = torch(network, 'sam');
    peer = gradient.peer;
    return { gradient, us, sam };
  });
  const least = (of) => Math.min(...turns.map(of));
  const [g, tg] = [least(({ us }) => us.gradient), least(({ gradient }) => gradient.seconds)];
  const [s, ts] = [least(({ us }) => us.sam), least(({ sam }) => sam.seconds)];
  const memory = (mine, theirs) => `${least(mine)} / ${least(theirs)}`;
  const milliseconds = (seconds) => (1000 * seconds).toFixed(1);
  return {
    'WRN-batch': network,
    'gradient (ms)': milliseconds(g),
    'PyTorch (ms)': milliseconds(tg),
    ratio: (g / tg).toFixed(2),
    'SAM step (ms)': milliseconds(s),
    'PyTorch SAM (ms)': milliseconds(ts),
    'SAM ratio': (s / ts).toFixed(2),
    'SAM step / 2 gradients': (s / (2 * g)).toFixed(3),
    'memory of a gradient, ours / PyTorch (MB)': memory(
      ({ us }) => us.gradientMegabytes,
      ({ gradient }) => gradient.megabytes,
    ),
    'memory of SAM, ours / PyTorch (MB)': memory(
      ({ us }) => us.megabytes,
      ({ sam }) => sam.megabytes,
    ),
  };
});
console.log(table(rows));
if (values.keep)
  keep(
    'peer-native',
    'The native engine beside PyTorch',
    `Least median of ${values.turns} turns each, alternated; 2 threads; ${peer}, channels_last. Memory is the peak of the process, ours with Node; of SAM, with SGD steps between.\n\n${table(rows)}`,
    'node tools/bench/peer.mjs',
  );
