import { readFileSync } from 'node:fs';
import { useBackend } from '@steppe/backends';
import { dispose, map } from '@steppe/tree';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, test } from 'vitest';
import { siluBatch, siluLoss, siluParams, siluParts } from '../../../../tools/sharpness/silu-network.mjs';
import {
  diagonal,
  effectiveDimension,
  fisher,
  frobeniusNorm,
  gaussNewton,
  hessian,
  preconditioned,
  topEigenvalues,
  trace,
} from '../../src/index.ts';
import { distance } from '../support/matrices.ts';

/** Spectra in float64 by PyTorch and LAPACK: tools/vectors/spectra.py. */
const theirs = JSON.parse(readFileSync(new URL('../fixtures/spectra.json', import.meta.url), 'utf8'));

// Hundreds of products of a network with convolutions, which the CPU backend takes long for.
await useBackend('wasm');
afterAll(() => tf.setBackend('cpu'));

const params = siluParams(theirs.channels, theirs.classes);
const batch = siluBatch(theirs.count, theirs.classes);
const H = hessian(siluLoss, params, [batch]);
const largest = theirs.eigenvalues[0];

test('the network is the one of the fixture', () => {
  expect(siluLoss(params, batch).dataSync()[0]).toBeCloseTo(theirs.loss, 5);
  expect(H.dimension).toBe(theirs.eigenvalues.length);
});

test('all eigenvalues of a residual network’s Hessian are those of the whole matrix in float64', async () => {
  const { values, bounds, converged, products } = await topEigenvalues(H, {
    count: H.dimension,
    products: H.dimension,
    tolerance: 1e-4,
  });
  expect(distance(values, theirs.eigenvalues)).toBeLessThan(1e-4 * largest);
  expect(Math.max(...bounds)).toBeLessThan(1e-4 * largest);
  expect([converged, products]).toEqual([true, H.dimension]);
});

test('the outermost eigenvalues are found by far fewer products, within their bounds, of blocks and rescaled too', async () => {
  const top = await topEigenvalues(H, { count: 5, tolerance: 1e-3 });
  expect(top.products).toBeLessThan(0.6 * H.dimension);
  expect(
    top.values.filter((value, i) => !(Math.abs(value - theirs.eigenvalues[i]) <= (top.bounds[i] ?? 0) + 1e-5)),
  ).toEqual([]);
  const dense = hessian(siluLoss, params, [batch], { wanted: (path) => path.startsWith('.dense') });
  const block = await topEigenvalues(dense, { count: 5, tolerance: 1e-4 });
  expect(distance(block.values, theirs.block)).toBeLessThan(1e-4);
  const adaptive = await topEigenvalues(
    preconditioned(
      H,
      map(params, (leaf) => tf.abs(leaf)),
    ),
    { tolerance: 1e-4 },
  );
  expect(distance(adaptive.values, theirs.adaptive)).toBeLessThan(1e-4 * theirs.adaptive[0]);
});

test('Gauss-Newton and Fisher matrices have the eigenvalues of theirs', async () => {
  const G = await topEigenvalues(gaussNewton(siluParts, params, [batch]), { count: 6, tolerance: 1e-5 });
  expect(distance(G.values, theirs.gaussNewton)).toBeLessThan(1e-4 * theirs.gaussNewton[0]);
  const F = await topEigenvalues(fisher(siluParts, params, [batch]), { count: 5, tolerance: 1e-5 });
  expect(distance(F.values, theirs.fisher)).toBeLessThan(1e-4 * theirs.fisher[0]);
});

test('estimates lie within four of their standard errors of the whole matrices', async () => {
  const within = (name: string, { value, standardError }: { value: number; standardError: number }, exact: number) => {
    expect(Math.abs(value - exact), name).toBeLessThan(4 * standardError);
    expect(standardError, name).toBeLessThan(exact);
  };
  within('trace', await trace(H, { sketch: 5, samples: 6 }), theirs.trace);
  within('norm', await frobeniusNorm(H, { samples: 6 }), theirs.frobeniusNorm);
  const G = gaussNewton(siluParts, params, [batch]);
  within('dimension', await effectiveDimension(G, 0.1, { steps: 10, probes: 2 }), theirs.effectiveDimension);
  const { value, standardError } = await diagonal(H, { samples: 6 });
  const [found, errors] = [value, standardError].map(({ dense }) => [...dense.bias.dataSync()]);
  for (const [i, exact] of theirs.diagonalOfBias.entries())
    expect(Math.abs((found?.[i] ?? 0) - exact)).toBeLessThan(5 * (errors?.[i] ?? 0));
  dispose(value, standardError);
});
