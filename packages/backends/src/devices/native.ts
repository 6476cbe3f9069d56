import { platform } from '#platform';
import { type Device, firstLine } from '../device.ts';
import { isMissing, type LoadedModule } from '../platform/platform.ts';
import { repairCommand } from '../remedies.ts';
import { activate } from './activate.ts';

type NativeFacts = {
  readonly path: string;
  readonly isa: string;
  readonly threads: number;
  readonly built: 'prebuilt' | 'cached' | 'compiled';
  readonly inFloat32?: readonly string[];
};

/** Where the binary came from, in words. */
const origin = { prebuilt: 'prebuilt', cached: 'compiled here before', compiled: 'compiled here just now' } as const;

const describe = ({ isa, threads, built }: NativeFacts): string =>
  `C kernels for ${isa} on ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${origin[built]}`;

/** What multiplies bfloat16, in words: whether the precisions below float32 are faster. */
function bfloat16({ isa, inFloat32 = [] }: NativeFacts): string {
  const unit = { amx: 'matrix tiles (AMX)', avx512bf16: 'dot products (AVX512-BF16)' }[isa] ?? 'none';
  if (inFloat32.length === 0) return `${unit}, faster than float32`;
  return `${unit}; ${inFloat32.join(' and ')} multiply in float32, which is faster here`;
}

/** What this package uses of `@steppe/native`, which is optional. */
type NativeModule = {
  /** Registers the backend `native`; throws where there are neither binaries nor a compiler, saying what to install. */
  registerNative(): Promise<void>;
  nativeInfo?(): Promise<NativeFacts>;
  kernelsInJavaScript?(): Promise<readonly string[]>;
  readonly version?: string;
};

const hasEngine = (module: LoadedModule): module is LoadedModule & NativeModule =>
  typeof module.registerNative === 'function';

/** An environment variable that the user set wrongly: a `SettingError` of `@steppe/native`. */
const isMistake = (error: unknown): error is Error & { readonly variable: string } =>
  error instanceof Error && error.name === 'SettingError' && 'variable' in error;

/** The C kernels of `@steppe/native` on all cores. */
export const native: Device = {
  name: 'native',
  probe: async () => {
    const module = await platform.loadNative();
    if (isMissing(module)) return module;
    if (!hasEngine(module))
      return { reason: 'this version of @steppe/native has no engine', command: 'npm install @steppe/native@latest' };
    try {
      await module.registerNative();
      const facts = await module.nativeInfo?.();
      const { inFloat32: _, ...info } = facts ?? {};
      return {
        tfjsName: 'native',
        version: module.version ?? '',
        description: facts ? describe(facts) : 'C kernels on the CPU',
        warnings: [],
        details: {
          library: '@steppe/native',
          ...info,
          ...(facts && { bfloat16: bfloat16(facts) }),
          ...('capture' in module && { steps: 'captured: recorded once, then replayed by one call of C' }),
          kernelsInJavaScript: (await module.kernelsInJavaScript?.()) ?? [],
        },
        activate: () => activate('native'),
      };
    } catch (error) {
      // A variable that the user set is meant: no other device may quietly be taken in its place.
      if (isMistake(error)) return { reason: firstLine(error), command: `unset ${error.variable}`, mistake: error };
      const reason = firstLine(error);
      return { reason, command: /compiler/i.test(reason) ? 'sudo apt install gcc' : repairCommand('native') };
    }
  },
};
