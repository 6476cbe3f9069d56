import type { Finding } from '../src/index.ts';

/** What comes out otherwise on a backend, and why it is let be. */
export type Known = {
  readonly backend: string;
  readonly ops: readonly string[];
  readonly gradient: boolean;
  readonly kind: Finding['kind'];
  /** What each such finding says. */
  readonly says: RegExp;
  readonly reason: string;
};

export const knownFindings: readonly Known[] = [
  {
    backend: 'wasm',
    ops: ['real', 'imag', 'abs of complex', 'fft', 'ifft', 'rfft'],
    gradient: false,
    kind: 'refuses',
    says: /Kernel 'Complex' not registered for backend 'wasm'/,
    reason: "TensorFlow.js's WASM backend has no complex numbers, which no network here needs; it says so by name.",
  },
  {
    backend: 'webgpu',
    ops: [
      'image.nonMaxSuppressionPadded',
      'unique',
      'unique of an axis',
      'sparse.sparseReshape',
      'sparse.sparseFillEmptyRows',
    ],
    gradient: false,
    kind: 'refuses',
    says: /Kernel '\w+' not registered for backend 'webgpu'/,
    reason:
      'How large a result is depends on numbers, which a device does not tell at once; no network here needs them.',
  },
];
