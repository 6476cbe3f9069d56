import '@steppe/autograd';
import { useBackend } from '@steppe/backends';
import { allCases, conform, type Reference, type Row, referenceOf } from '@steppe/conformance';
import { loadImages } from '../../src/training/images.ts';
import { type FewSteps, fewSteps } from './few-steps.ts';

/** What the test calls in the page. */
export type Harness = {
  readonly use: (backend: 'wasm' | 'webgpu') => Promise<string>;
  readonly fewSteps: () => Promise<FewSteps>;
  readonly conform: (backend: 'wasm' | 'webgpu') => Promise<readonly Row[]>;
};

declare global {
  /** Only in the page. */
  var harness: Harness;
}

const here = new URL('.', document.baseURI).href;

// What plain JavaScript gives takes longest, and is the same for both.
let reference: Promise<Reference> | undefined;

globalThis.harness = {
  use: async (backend) => (await useBackend(backend, { wasmPaths: new URL('wasm/', here).href })).description,
  fewSteps: async () => fewSteps((await loadImages(here)).train),
  conform: async (backend) => {
    reference ??= referenceOf('cpu', allCases);
    return conform(backend, allCases, { reference: await reference });
  },
};
