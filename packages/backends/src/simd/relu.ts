import { defineFunction, type FunctionCode, sequence } from './assembler.ts';
import * as is from './instructions.ts';

/**
 * Writes the kernel of a rectifier of float32 numbers. NaN stays NaN, whatever its sign.
 *
 *     output[i] = max(input[i], 0)
 */
export const relu: FunctionCode = defineFunction('relu', ['input', 'output', 'bytes'], (p, local) => {
  const end = local('i32');
  const along = (bytes: number, store: typeof is.storeVector, load: typeof is.loadVector) =>
    is.whileTrue(
      is.lessUnsigned(p.input, end),
      sequence(
        store(p.output, is.greaterFloats(load(p.input), is.zeros)),
        is.advance(p.input, bytes),
        is.advance(p.output, bytes),
      ),
    );
  return sequence(
    end.set(is.add(p.input, is.and(p.bytes, -16))),
    along(16, is.storeVector, is.loadVector),
    end.set(is.add(p.input, is.and(p.bytes, 12))),
    along(4, is.storeOne, is.loadOne),
  );
});
