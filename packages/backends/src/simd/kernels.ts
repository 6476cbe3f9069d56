import { assemble } from './assembler.ts';
import { gatherProduct } from './gather-product.ts';
import { outerProduct } from './outer-product.ts';
import { packPanel } from './pack.ts';
import { relu } from './relu.ts';
import { sumLast, sumMiddle } from './sums.ts';

type Kernel = (...operands: number[]) => void;

/** Compiled kernels that compute in the memory they were bound to; what each does is said where it is written. */
export type SimdKernels = {
  readonly gatherProduct: Kernel;
  readonly outerProduct: Kernel;
  readonly packPanel: Kernel;
  readonly relu: Kernel;
  readonly sumMiddle: Kernel;
  readonly sumLast: Kernel;
  /** Whether a product and the sum that it goes into are rounded once. */
  readonly fused: boolean;
};

const assembled = new Map<boolean, Uint8Array<ArrayBuffer>>();

/** The module with or without fused multiply-adds; assembled once. */
function bytesOf(fused: boolean): Uint8Array<ArrayBuffer> {
  const bytes =
    assembled.get(fused) ?? assemble([gatherProduct(fused), outerProduct(fused), packPanel, relu, sumMiddle, sumLast]);
  assembled.set(fused, bytes);
  return bytes;
}

/** Tells whether this engine takes the kernels' SIMD instructions, with fused multiply-adds (relaxed SIMD) or
 * without. */
export const supportsSimd = (fused: boolean): boolean => WebAssembly.validate(bytesOf(fused));

/**
 * Compiles the kernels for a memory.
 *
 * Fused multiply-adds double the work per instruction; an engine without relaxed SIMD gets separate ones.
 */
export async function compileKernels(memory: WebAssembly.Memory): Promise<SimdKernels> {
  const fused = supportsSimd(true);
  const { instance } = await WebAssembly.instantiate(bytesOf(fused), { env: { memory } });
  const { gatherProduct, outerProduct, packPanel, relu, sumLast, sumMiddle } = instance.exports as Record<
    string,
    Kernel
  >;
  if (!gatherProduct || !outerProduct || !packPanel || !relu || !sumLast || !sumMiddle)
    throw new Error('The WASM kernels did not compile.');
  return { gatherProduct, outerProduct, packPanel, relu, sumLast, sumMiddle, fused };
}
