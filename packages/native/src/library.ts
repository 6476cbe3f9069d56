import { createRequire } from 'node:module';
import type { LibraryHandle } from 'koffi';

/** An address, as a number: a pointer passed this way costs a tenth of a microsecond, a typed array twice that. */
export type Address = number;

/** The functions of `c/steppe.h`, `c/runtime/threads.h` and `c/program/program.h` that TypeScript calls. */
export type FunctionName =
  | 'steppe_threads'
  | 'steppe_set_threads'
  | 'steppe_set_matrix_unit'
  | 'steppe_bf16_pays'
  | 'steppe_set_large_pages'
  | 'steppe_conv2d_scratch'
  | 'steppe_conv2d'
  | 'steppe_conv2d_input_grad'
  | 'steppe_conv2d_filter_grad'
  | 'steppe_depthwise'
  | 'steppe_depthwise_input_grad'
  | 'steppe_depthwise_filter_grad'
  | 'steppe_matmul'
  | 'steppe_matmul_scratch'
  | 'steppe_unary'
  | 'steppe_binary'
  | 'steppe_select'
  | 'steppe_cast'
  | 'steppe_fill'
  | 'steppe_ramp'
  | 'steppe_reduce'
  | 'steppe_arg'
  | 'steppe_top'
  | 'steppe_softmax'
  | 'steppe_softmax_grad'
  | 'steppe_batch_norm'
  | 'steppe_norm_train'
  | 'steppe_norm_train_add'
  | 'steppe_norm_moments'
  | 'steppe_norm_terms'
  | 'steppe_norm_train_grad'
  | 'steppe_norm_train_grad_add'
  | 'steppe_norm_train_second'
  | 'steppe_norm_eval'
  | 'steppe_norm_eval_grad'
  | 'steppe_norm_eval_second'
  | 'steppe_norm_layer'
  | 'steppe_norm_layer_grad'
  | 'steppe_pool'
  | 'steppe_pool_grad'
  | 'steppe_tree_norm'
  | 'steppe_tree_dot'
  | 'steppe_tree_scale'
  | 'steppe_tree_pack'
  | 'steppe_tree_normalize'
  | 'steppe_tree_factor'
  | 'steppe_tree_add_scaled'
  | 'steppe_tree_momentum'
  | 'steppe_sweep'
  | 'steppe_copy'
  | 'steppe_check_index'
  | 'steppe_gather'
  | 'steppe_segment_sum'
  | 'steppe_one_hot'
  | 'steppe_mirror_pad'
  | 'steppe_cumulate'
  | 'steppe_derive_key'
  | 'steppe_draw'
  | 'steppe_function_number'
  | 'steppe_program_check'
  | 'steppe_replay';

/** Parameters by letter: `i` int, `l` long, `d` double, `p` a pointer; after the colon the result, `v` for none. */
export const signatures: Readonly<Record<FunctionName, string>> = {
  steppe_threads: ':i',
  steppe_set_threads: 'i:v',
  steppe_set_matrix_unit: 'i:i',
  steppe_bf16_pays: 'i:i',
  steppe_set_large_pages: 'pl:i',
  steppe_conv2d_scratch: 'pi:l',
  steppe_conv2d: 'pppppp:i',
  steppe_conv2d_input_grad: 'ppppp:i',
  steppe_conv2d_filter_grad: 'pppppp:i',
  steppe_depthwise: 'ppppp:i',
  steppe_depthwise_input_grad: 'ppppp:i',
  steppe_depthwise_filter_grad: 'ppppp:i',
  steppe_matmul: 'ppplllliillip:i',
  steppe_matmul_scratch: 'lllliilli:l',
  steppe_unary: 'iippldd:i',
  steppe_binary: 'iipppip:i',
  steppe_select: 'pppplli:i',
  steppe_cast: 'iippl:i',
  steppe_fill: 'ipld:i',
  steppe_ramp: 'ipldd:i',
  steppe_reduce: 'iipplll:i',
  steppe_arg: 'iipplll:i',
  steppe_top: 'ippplll:i',
  steppe_softmax: 'ppll:i',
  steppe_softmax_grad: 'pppll:i',
  steppe_batch_norm: 'pppppplld:i',
  steppe_norm_train: 'pppppplldi:i',
  steppe_norm_train_add: 'pppppppplldi:i',
  steppe_norm_moments: 'pppppll:i',
  steppe_norm_terms: 'ppppppld:i',
  steppe_norm_train_grad: 'ppppppppplldi:i',
  steppe_norm_train_grad_add: 'pppppppppplldi:i',
  steppe_norm_train_second: 'pppppppppppplldi:i',
  steppe_norm_eval: 'pppppplldi:i',
  steppe_norm_eval_grad: 'ppppppppplldi:i',
  steppe_norm_eval_second: 'pppppppppppplldi:i',
  steppe_norm_layer: 'pppplld:i',
  steppe_norm_layer_grad: 'pppppplld:i',
  steppe_pool: 'pppi:i',
  steppe_pool_grad: 'ppppi:i',
  steppe_tree_norm: 'plip:i',
  steppe_tree_dot: 'plp:i',
  steppe_tree_scale: 'plp:i',
  steppe_tree_pack: 'plpp:i',
  steppe_tree_normalize: 'plpp:i',
  steppe_tree_factor: 'plppp:i',
  steppe_tree_add_scaled: 'plp:i',
  steppe_tree_momentum: 'plpppi:i',
  steppe_sweep: 'plpll:i',
  steppe_copy: 'ppiip:i',
  steppe_check_index: 'pll:i',
  steppe_gather: 'ppplllll:i',
  steppe_segment_sum: 'ppplll:i',
  steppe_one_hot: 'ppilldd:i',
  steppe_mirror_pad: 'ppilllll:i',
  steppe_cumulate: 'ppiiiilll:i',
  steppe_derive_key: 'pllp:i',
  steppe_draw: 'ippldd:i',
  steppe_function_number: 'pp:i',
  steppe_program_check: 'pllplpl:i',
  steppe_replay: 'plplp:l',
};

const types = { i: 'int', l: 'long', d: 'double', p: 'uint64_t', v: 'void' } as const;

/** The functions of `c/steppe.h`. They take numbers only (pointers as addresses) and return a number or nothing. */
export type Library = Readonly<Record<FunctionName, (...args: readonly number[]) => number>>;

type Koffi = { readonly load: (path: string) => LibraryHandle; readonly address: (value: ArrayBufferView) => bigint };

/** Loads koffi. @throws When the package is not there for this platform. */
export function loadKoffi(): Koffi {
  try {
    const koffi: Koffi = createRequire(import.meta.url)('koffi');
    return koffi;
  } catch (cause) {
    throw new Error(
      `koffi does not load on ${process.platform} ${process.arch}: npm install koffi, or use the wasm backend.`,
      { cause },
    );
  }
}

/** The address of a typed array that is not moved by the garbage collector: one over a buffer of its own. */
export function addressOf(koffi: Koffi, value: ArrayBufferView): Address {
  return Number(koffi.address(value));
}

/** Asks the probe which instruction set the processor has. */
export function probe(koffi: Koffi, path: string): number {
  return koffi.load(path).func('steppe_probe', 'int', [])();
}

/** Loads the kernels at `path`. */
export function loadLibrary(koffi: Koffi, path: string): Library {
  const handle = koffi.load(path);
  const functions: Partial<Record<string, (...args: readonly number[]) => number>> = {};
  for (const [name, signature] of Object.entries(signatures)) {
    const [parameters = '', result = ''] = signature.split(':');
    functions[name] = handle.func(name, typeOf(result), [...parameters].map(typeOf));
  }
  return functions as Library;
}

function typeOf(letter: string): string {
  const type = Object.entries(types).find(([key]) => key === letter)?.[1];
  if (type === undefined) throw new Error(`There is no parameter type ${letter}.`);
  return type;
}
