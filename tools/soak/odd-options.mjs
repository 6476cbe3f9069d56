// Throws odd combinations of options at `steppe train`, tiny and in this process, and holds each to its promise: it
// trains and ends with 0, or it is refused with 64 or 65 in one line, before its folder is there. Nothing else may come
// of it: no stack, no second line, no other code. After `npm run build`:
//
//     node tools/soak/odd-options.mjs [combinations] [seed]
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng } from '@steppe/datasets/node';
import fc from 'fast-check';
import { main } from '../../apps/wideresnet/dist/commands/main.js';

const [count = '200', seed = '14'] = process.argv.slice(2);
const root = mkdtempSync(join(tmpdir(), 'steppe-odd-'));
const photos = join(root, 'photos');
for (const [c, name] of ['blue', 'red'].entries()) {
  mkdirSync(join(photos, name), { recursive: true });
  for (let i = 0; i < 10; i += 1) {
    const pixels = Uint8Array.from({ length: 12 * 12 * 3 }, (_, at) => (at % 3 === 2 * c ? 200 : (at * (5 + i)) % 90));
    writeFileSync(join(photos, name, `${i}.png`), await encodePng({ pixels, shape: [12, 12, 3] }));
  }
}

/** Networks that are small enough, each with the words that make it so. */
const networks = [
  ['mlp', '--widths', '4'],
  ['small-cnn', '--widths', '2,4'],
  ['resnet18', '--width', '2'],
  ['cifar-resnet', '--depth', '8', '--width', '2'],
  ['wideresnet', '--depth', '10', '--width', '1'],
  ['vit-tiny', '--patch', '14'],
];

/** Values of options, odd ones among them; a switch has none. */
const odd = {
  freeze: ['all-but-head', 'stem', 'layers[0]', 'stem,dense', '', '..', 'head'],
  'freeze-statistics': [],
  rho: ['0', '0.05', '1e30', '-0', '1e-40', 'NaN'],
  p: ['1', '1.0001', '2', 'inf', '1e9', '.inf', '0.5'],
  m: ['1', '3', '4', '5', '1e3'],
  'sam-tail': ['0.01', '0.5', '1', '0'],
  chain: [
    '[]',
    '[{ sgd: 0.1 }]',
    '[{ samTransform: 0.05 }, { sgd: 0.1 }, { averageWeights: {} }]',
    '[{ scheduleFree: { optimizer: { sgd: 1 }, learningRate: 0.1 } }]',
    '[{ lookSam: { k: 2, rho: 0.05 } }, { sgd: 0.1 }]',
    '[{ scale: 1 }]',
    'sgd',
  ],
  optimizer: ['momentum', 'sgd', 'adam', 'adamw', 'lion'],
  lr: ['0.01', '1e-38', '1e30', '0'],
  schedule: ['cosine', 'step', 'polynomial', 'constant', 'wsd'],
  power: ['1', '1e-9', '300'],
  cooldown: ['1', '0.001'],
  warmup: ['1', '2', '3', '0.99', '0.001'],
  momentum: ['0', '0.999999'],
  'weight-decay': ['0', '1e9', '5e-4'],
  'decay-spares': ['none', 'norms-and-biases'],
  clip: ['0', '1e-30', '5'],
  accumulate: ['1', '2', '4', '5'],
  average: ['none', 'ema', 'swa'],
  'label-smoothing': ['0', '0.1', '0.999'],
  bootstrap: ['soft', 'hard', 'firm'],
  'bootstrap-keep': ['1', '0.5', '0'],
  overfit: ['1', '3', '100'],
  'eval-every': ['1', '100'],
  patience: ['1'],
  validation: ['0.5', '0.01', '0.99'],
  'label-noise': ['0', '0.4', '0.001'],
  'label-noise-kind': ['symmetric', 'asymmetric'],
  mixup: ['1', '1e-9'],
  cutmix: ['1', '1e9'],
  augment: ['none', 'crop', 'basic', 'cutout', 'autoaugment', 'randaugment', 'jitter', 'erasing'],
  'image-size': ['1', '7', '28', '33'],
  workers: ['0', '65', '60'],
  labels: ['none.csv', '../x'],
  broken: ['skip', 'error'],
  images: [photos, '/nowhere', '/dev/null'],
  dataset: ['fashion-mnist-mini', 'imagenet', 'cars', 'nothing'],
  data: ['/nowhere', '/dev/null', root],
  pretrained: [photos, '/nowhere', join(photos, 'red', '1.png')],
  relabel: [photos, '/nowhere'],
  compare: ['none', 'sgd', 'adam'],
  'tuned-decay': ['0', '0.02'],
  seed: ['0', '9007199254740991', '-1'],
  stem: ['small', 'imagenet'],
  depth: ['8', '10', '11'],
  dropout: ['0', '0.9', '1'],
  tensorboard: [],
  profile: [],
  'dry-run': [],
};

const word = fc.constantFrom(...Object.keys(odd)).chain((name) => {
  const values = odd[name];
  return values.length === 0
    ? fc.constant([`--${name}`])
    : fc.constantFrom(...values).map((value) => [`--${name}=${value}`]);
});
const combination = fc.record({
  network: fc.constantFrom(...networks),
  words: fc.uniqueArray(word, { minLength: 1, maxLength: 3, selector: ([text]) => text.split('=')[0] }),
});

const write = { out: process.stdout.write.bind(process.stdout), err: process.stderr.write.bind(process.stderr) };

/** Runs a command and keeps what it says on standard error, without notes. */
async function run(argv) {
  const said = { err: '', out: '' };
  const into = (name) => (text) => {
    said[name] += text;
    return true;
  };
  process.stderr.write = into('err');
  process.stdout.write = into('out');
  try {
    const code = await main(argv);
    return { code, err: said.err.replace(/^(note|reading all files): .*\n/gm, '') };
  } catch (error) {
    return { code: -1, err: String(error.stack) };
  } finally {
    process.stdout.write = write.out;
    process.stderr.write = write.err;
  }
}

/** What a combination did wrong; undefined where nothing. */
function fault({ code, err }, folder, words) {
  if (code === 0)
    return existsSync(folder) || words.includes('--dry-run') ? undefined : 'ended with 0 and left nothing';
  if (code !== 64 && code !== 65) return `ended with ${code}`;
  if (!/^steppe: [^\n]+\n$/.test(err)) return 'said other than one line';
  // What no number survives is seen when it is computed.
  const isLate = /(is NaN|is Infinity|not finite|it must fall)/.test(err);
  return existsSync(folder) && !isLate ? 'was refused after it had begun' : undefined;
}

const tally = {};
const faults = [];
for (const [i, { network, words }] of fc
  .sample(combination, { numRuns: Number(count), seed: Number(seed) })
  .entries()) {
  const folder = join(root, `run-${i}`);
  const said = words.flat();
  const has = (name) => said.some((text) => text.startsWith(`--${name}`));
  const small = ['--backend', 'wasm', '--limit', '12', '--batch', '4', '--steps', '3', '--quiet'];
  const own = ['--network', ...network].filter(
    (_, at, all) => !(has('depth') && all[at - 1] === '--depth') && !(has('depth') && all[at] === '--depth'),
  );
  const argv = ['train', '--preset', 'fashion-mini', ...own, ...small, ...said, '--out', folder];
  const ended = await run(argv);
  tally[ended.code] = (tally[ended.code] ?? 0) + 1;
  const wrong = fault(ended, folder, said);
  if (wrong === undefined) continue;
  faults.push(argv.join(' '));
  console.log(`${wrong}: ${argv.join(' ')}\n    ${ended.err.split('\n').slice(0, 6).join('\n    ')}`);
}
rmSync(root, { recursive: true });
console.log(`${count} combinations, by exit code: ${JSON.stringify(tally)}; faults: ${faults.length}`);
process.exitCode = faults.length === 0 ? 0 : 1;
