// The pair of runs whose pictures are in docs/sharpness.md: the same network, images, seed and steps, by SGD and by SAM.
//   npm run build && node tools/sharpness/pair.mjs FOLDER [backend]
// What is in the folder already is not made again, and a run that was broken off goes on: each command takes one to four
// minutes on two cores. Of Fashion-MNIST it wants a copy on this machine.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [folder, backend = 'native'] = process.argv.slice(2);
if (folder === undefined) throw new Error('node tools/sharpness/pair.mjs takes the folder of both runs: give a path.');
const cli = fileURLToPath(new URL('../../apps/wideresnet/dist/cli.js', import.meta.url));
const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));
mkdirSync(folder, { recursive: true });

/** Runs the app beside the runs, so that these have short names, and ends with it where it fails. */
function steppe(...args) {
  console.log(`$ steppe ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [cli, ...args, '--backend', backend], {
    stdio: 'inherit',
    cwd: folder,
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** Whether a run has come to its end. */
function isWhole(run) {
  const file = join(folder, run, 'summary.json');
  return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).status === 'complete';
}

const common = [
  ...['--preset', 'fashion-small', '--dataset', 'fashion-mnist', '--limit', '4000', '--depth', '10', '--width', '1'],
  ...['--batch', '64', '--epochs', '20', '--seed', '0', '--keep-checkpoints', '20'],
];
for (const [run, rho] of [
  ['sgd', '0'],
  ['sam', '0.1'],
])
  if (!existsSync(join(folder, run, 'config.json'))) steppe('train', ...common, '--rho', rho, '--out', run);
  else if (!isWhole(run)) steppe('train', '--resume', run);

const parts = {
  rises: 'sam,worst,adaptive-worst,average',
  curvature: 'eigenvalues,trace',
  curves: 'rho-curve,landscape,barrier',
  spectrum: 'spectrum',
  surface: 'surface',
  trajectory: 'trajectory',
};
for (const [part, measures] of Object.entries(parts)) {
  if (!existsSync(join(folder, part)))
    steppe('sharpness', 'sam', 'sgd', '--measures', measures, '--limit', '256', '--out', part);
  for (const name of readdirSync(join(folder, part)).filter((file) => file.endsWith('.svg'))) {
    const picture = join(images, `sharpness-${name}`);
    copyFileSync(join(folder, part, name), picture);
    console.log(`${picture}: ${statSync(picture).size} bytes`);
  }
}
