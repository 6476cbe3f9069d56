// Images per CPU second of the augmentations of bytes on one core, beside torchvision's on PIL images, alternated in one
// run.
//   npm run build && node tools/bench/augment.mjs --python PATH/python [--turns 5] [--seconds 2] [--keep]
// The peer, augment.py, needs torchvision and Pillow.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { autoAugment, colorJitter, randAugment } from '@steppe/datasets';
import { foldIn, key } from '@steppe/random';
import { keep, median, table } from './report.mjs';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    turns: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    keep: { type: 'boolean', default: false },
  },
});
const [turns, seconds] = [Number(values.turns), Number(values.seconds)];
const cases = [
  ['autoAugment cifar10', autoAugment('cifar10'), 32],
  ['autoAugment imagenet', autoAugment('imagenet'), 224],
  ['randAugment 2 9', randAugment({ count: 2, magnitude: 9 }), 32],
  ['randAugment 2 9', randAugment({ count: 2, magnitude: 9 }), 224],
  ['colorJitter .4', colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }), 32],
  ['colorJitter .4', colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }), 224],
];

/** 64 images with gradients and noise, as augment.py makes them. */
const imagesOf = (side) =>
  Array.from({ length: 64 }, (_, i) => {
    const pixels = new Uint8Array(side * side * 3);
    for (let y = 0, at = 0; y < side; y += 1)
      for (let x = 0; x < side; x += 1)
        for (let c = 0; c < 3; c += 1, at += 1)
          pixels[at] = (x * (2 + c) + y * (3 - c) + 41 * i + ((x * y * 7919) % 31)) % 256;
    return { pixels, shape: [side, side, 3] };
  });

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

let drawn = 0;
function ours(augment, side) {
  const images = imagesOf(side);
  const once = () => {
    for (const image of images) augment(foldIn(key(1), drawn++), image);
  };
  for (let i = 0; i < Math.ceil(20_000 / side / side) + 1; i += 1) once();
  const begin = cpuSeconds();
  let count = 0;
  while (cpuSeconds() - begin < seconds) {
    once();
    count += images.length;
  }
  return count / (cpuSeconds() - begin);
}

const peer = spawn(values.python, [fileURLToPath(new URL('augment.py', import.meta.url))], {
  stdio: ['pipe', 'pipe', 'inherit'],
  env: { ...process.env, OMP_NUM_THREADS: '1' },
});
const answers = createInterface(peer.stdout)[Symbol.asyncIterator]();
async function theirs(name, side) {
  peer.stdin.write(`${name} ${side} ${seconds}\n`);
  return JSON.parse((await answers.next()).value).rate;
}

const rows = [];
for (const [name, augment, side] of cases) {
  const rates = { ours: [], theirs: [] };
  for (let turn = 0; turn < turns; turn += 1) {
    rates.ours.push(ours(augment, side));
    rates.theirs.push(await theirs(name, side));
  }
  const [us, them] = [median(rates.ours), median(rates.theirs)];
  rows.push({
    augmentation: `${name}, ${side} × ${side}`,
    'images/s': Math.round(us),
    'torchvision on PIL, images/s': Math.round(them),
    ratio: (us / them).toFixed(2),
  });
  console.log(JSON.stringify(rows.at(-1)));
}
peer.stdin.end();
await once(peer, 'exit');
const body = `Medians of ${turns} alternated turns of ${seconds} s, images per second of CPU time on one core.\n\n${table(rows)}`;
console.log(body);
if (values.keep)
  keep(
    'augment',
    'Augmentation of bytes beside PIL',
    body,
    `node tools/bench/augment.mjs --python PATH/python --turns ${turns} --seconds ${seconds}`,
  );
