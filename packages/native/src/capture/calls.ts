import { convWords } from '../kernels/shape.ts';
import { type Address, type FunctionName, type Library, signatures } from '../library.ts';
import type { Pool } from '../memory/pool.ts';

/** Functions that only tell something: they are asked while recording, and not recorded. */
export const queries: readonly FunctionName[] = ['steppe_threads', 'steppe_conv2d_scratch', 'steppe_matmul_scratch'];

const conv = (): number => convWords;

/** How many int32 a function reads at the address of the small arguments. */
export const numbersOf: Readonly<Partial<Record<FunctionName, (args: readonly number[]) => number>>> = {
  steppe_conv2d: conv,
  steppe_conv2d_input_grad: conv,
  steppe_conv2d_filter_grad: conv,
  steppe_depthwise: conv,
  steppe_depthwise_input_grad: conv,
  steppe_depthwise_filter_grad: conv,
  steppe_pool: conv,
  steppe_pool_grad: conv,
  steppe_binary: (args) => 3 * (args[5] ?? 0),
  steppe_copy: (args) => 3 * (args[3] ?? 0),
};

/** What a function that may lack an operation answers when it is asked about no elements at all: the kernels that
 * call it try something else then. `emptyLayout` is the layout of one dimension of none. */
export function probed(library: Library, name: FunctionName, args: readonly number[], emptyLayout: Address): number {
  if (name !== 'steppe_unary' && name !== 'steppe_binary') return 0;
  const [op = 0, type = 0, , , , first = 0, second = 0] = args;
  if (name === 'steppe_unary') return library.steppe_unary(op, type, 0, 0, 0, first, second);
  return library.steppe_binary(op, type, 0, 0, 0, 1, emptyLayout);
}

/** Gives the numbers of functions in programs, negative for those that are in none. */
export function functionNumbers(library: Library, pool: Pool): (name: FunctionName) => number {
  const known = new Map<FunctionName, number>();
  const ask = (name: FunctionName): number => {
    const [parameters = ''] = signatures[name].split(':');
    const bytes = new TextEncoder().encode(`${name}\0${parameters}\0`);
    const block = pool.take(bytes.length);
    new Uint8Array(block.buffer, block.offset, bytes.length).set(bytes);
    const number = library.steppe_function_number(block.address, block.address + name.length + 1);
    pool.give(block);
    known.set(name, number);
    return number;
  };
  return (name) => known.get(name) ?? ask(name);
}
