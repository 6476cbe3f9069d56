import '@steppe/autograd';
import { useBackend } from '@steppe/backends';
import { kernelCases } from '@steppe/backends/conformance';
import { allCases, type Case, conform, type Reference, type Row, referenceOf } from '@steppe/train/conformance';
import { loadImages } from '../../src/training/images.ts';
import { type FewSteps, fewSteps } from './few-steps.ts';

/** What the test calls in the page. */
export type Harness = {
  readonly use: (backend: 'wasm' | 'webgpu') => Promise<string>;
  readonly fewSteps: () => Promise<FewSteps>;
  readonly conform: (backend: 'wasm' | 'webgpu') => Promise<readonly Row[]>;
};

const here = new URL('.', document.baseURI).href;

// What plain JavaScript gives takes longest, and is the same for both.
let reference: Promise<Reference> | undefined;

/** A software renderer takes a minute for the training runs: it checks the kernels, and `fewSteps` trains on it. */
const onRenderer = (): readonly Case[] => {
  // Eight inputs are more than WebGPU's least limit, and after a rejection all that follows throws: it comes last.
  const isMany = ({ name }: Case): boolean => name === 'AddN of eight';
  return [...kernelCases.filter((each) => !isMany(each)), ...kernelCases.filter(isMany)];
};

const harness: Harness = {
  use: async (backend) => (await useBackend(backend, { wasmPaths: new URL('wasm/', here).href })).description,
  fewSteps: async () => fewSteps((await loadImages(here)).train),
  conform: async (backend) => {
    reference ??= referenceOf('cpu', allCases);
    const cases = backend === 'webgpu' ? onRenderer() : allCases;
    return conform(backend, cases, { reference: await reference });
  },
};

Object.assign(globalThis, { harness });
