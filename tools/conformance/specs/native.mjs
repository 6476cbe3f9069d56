// A module of the bundle for `native` alone, since a page could not load it.
import { fallbackKernels, registerNative } from '../../../packages/native/src/index.ts';

globalThis.steppeFallbackKernels = fallbackKernels;
beforeAll(registerNative, 120_000);
