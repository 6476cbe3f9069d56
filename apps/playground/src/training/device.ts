import { type Chosen, useBackend } from '@steppe/backends';
import type { Backend } from '../settings.ts';

const wasmFile = 'tfjs-backend-wasm-simd.wasm';

/** Refuses a server without the WASM module, which tfjs would only call a backend that does not start. */
async function checkWasm(folder: string): Promise<void> {
  const url = new URL(wasmFile, folder);
  const answer = await fetch(url);
  const magic = new Uint8Array(await answer.arrayBuffer()).subarray(0, 4);
  if (answer.ok && String(magic) === '0,97,115,109') return;
  throw new Error(
    `WASM is not served: ${url.pathname} answers ${answer.ok ? 'something else' : answer.status}. Copy the whole folder that the build made.`,
  );
}

/**
 * Starts the device to train on.
 *
 * @param page - The page's address; the WASM module lies in the folder `wasm` beside it.
 * @throws When it cannot be had, in one line with the remedy.
 */
export async function openDevice(backend: Backend, page: string): Promise<Chosen> {
  const folder = new URL('wasm/', page).href;
  if (backend === 'wasm') await checkWasm(folder);
  if (backend === 'webgpu' && !globalThis.isSecureContext)
    throw new Error('WebGPU needs a secure page: open this one by https or on localhost, or choose WASM.');
  const chosen = await useBackend(backend, { wasmPaths: folder }).catch((error: Error) => {
    if (backend !== 'webgpu') throw error;
    throw new Error(`${error.message.replace(/\.? To change that: .*$/, '')}: choose WASM, or ${remedy(error)}.`);
  });
  // Plain JavaScript is 300 times slower than WASM: what is missing says more than curves that do not move.
  if (chosen.name === 'cpu') {
    await checkWasm(folder);
    throw new Error('This browser has neither WebGPU nor WebAssembly SIMD: open the page in a newer one.');
  }
  return chosen;
}

const remedy = ({ message }: Error): string => /To change that: (.*?)\.?$/.exec(message)?.[1] ?? 'reload the page';

/** Says what went wrong in the words of the page, where another device is had by a button. */
export const explain = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(
    "call useBackend('webgpu') again: what was on the device is lost",
    'press Start',
  );
