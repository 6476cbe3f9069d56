// All eigenvalues of the Hessian of a residual network of silu, by Lanczos on one backend, beside those that
// tools/vectors/spectra.py computes of the whole matrix in float64.
//   npm run build && python tools/vectors/spectra.py 5 10 12 > /tmp/large.json
//   node tools/sharpness/all.mjs /tmp/large.json [backend]
// Of 2,075 parameters on native (2026-11-29): 2,075 products in 251 s; the eigenvalues differ by at most 1.4e-7 of
// the largest.
import { readFileSync } from 'node:fs';
import { useBackend } from '@steppe/backends';
import { hessian, topEigenvalues } from '@steppe/sharpness';
import { siluBatch, siluLoss, siluParams } from './silu-network.mjs';

const [file, backend = 'native'] = process.argv.slice(2);
if (file === undefined)
  throw new Error('node tools/sharpness/all.mjs takes what tools/vectors/spectra.py wrote: give its path.');
const { name } = await useBackend(backend);
const { channels, classes, count, eigenvalues } = JSON.parse(readFileSync(file, 'utf8'));
const H = hessian(siluLoss, siluParams(channels, classes), [siluBatch(count, classes)]);
const begin = performance.now();
const { values, bounds, products } = await topEigenvalues(H, {
  count: H.dimension,
  products: H.dimension,
  tolerance: 1e-4,
});
const far = Math.max(...values.map((value, i) => Math.abs(value - eigenvalues[i])));
console.log(
  `${name}: ${values.length} eigenvalues by ${products} products in ${Math.round((performance.now() - begin) / 1000)} s; ` +
    `the largest is ${values[0].toPrecision(7)}, theirs ${eigenvalues[0].toPrecision(7)}; ` +
    `they differ by at most ${(far / eigenvalues[0]).toExponential(1)} of it, bounds are up to ${(Math.max(...bounds) / eigenvalues[0]).toExponential(1)}`,
);
