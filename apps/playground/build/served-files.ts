import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';
import { shippedImages } from './shipped-images.ts';

const require = createRequire(import.meta.url);

/** Adds what the page fetches by name beside its scripts: tfjs's WASM module and the images. */
export function servedFiles(): Plugin {
  return {
    name: 'steppe-served-files',
    generateBundle() {
      // The only one of tfjs's three modules that @steppe/backends starts: SIMD, without threads.
      const wasm = 'tfjs-backend-wasm-simd.wasm';
      const source = readFileSync(require.resolve(`@tensorflow/tfjs-backend-wasm/dist/${wasm}`));
      this.emitFile({ type: 'asset', fileName: `wasm/${wasm}`, source });
      for (const [name, bytes] of Object.entries(shippedImages()))
        this.emitFile({ type: 'asset', fileName: `images/${name}`, source: bytes });
    },
  };
}
