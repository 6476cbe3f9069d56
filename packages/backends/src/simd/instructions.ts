import { type Code, type Local, type Operand, sequence, unsigned } from './assembler.ts';

const binary =
  (opcode: number) =>
  (a: Operand, b: Operand): Code =>
    sequence(a, b, [opcode]);

export const add: (a: Operand, b: Operand) => Code = binary(0x6a);
export const multiply: (a: Operand, b: Operand) => Code = binary(0x6c);
export const lessSigned: (a: Operand, b: Operand) => Code = binary(0x48);
export const lessUnsigned: (a: Operand, b: Operand) => Code = binary(0x49);

/** The i32 at an address. */
export const load = (address: Operand, offset = 0): Code => sequence(address, [0x28, 2, ...unsigned(offset)]);

/** Stores an i32 at an address. */
export const store = (address: Operand, value: Operand, offset = 0): Code =>
  sequence(address, value, [0x36, 2, ...unsigned(offset)]);

/** `a` where the condition holds, else `b`; both are evaluated. */
export const select = (condition: Operand, a: Operand, b: Operand): Code => sequence(a, b, condition, [0x1b]);

/** Runs code when the condition holds. */
const when = (condition: Operand, body: Code): Code => sequence(condition, [0x04, 0x40], body, [0x0b]);

/** Runs code while the condition holds. */
export const whileTrue = (condition: Operand, body: Code): Code =>
  when(condition, sequence([0x03, 0x40], body, condition, [0x0d, 0, 0x0b]));

/** Adds to a variable. */
export const advance = (variable: Local, by: Operand): Code => variable.set(add(variable, by));

const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];
const vectorBinary =
  (opcode: number) =>
  (a: Code, b: Code): Code =>
    sequence(a, b, simd(opcode));

/** Sixteen zero bytes. */
export const zeros: Code = sequence([...simd(0x0c), ...Array<number>(16).fill(0)]);

/** Four float32 at an address. */
export const loadVector = (address: Operand, offset = 0): Code =>
  sequence(address, [...simd(0x00), 2, ...unsigned(offset)]);

/** The float32 at an address, in all four lanes. */
export const loadSplat = (address: Operand, offset = 0): Code =>
  sequence(address, [...simd(0x09), 2, ...unsigned(offset)]);

/** The float32 at an address in the first lane, zeros in the others. */
export const loadOne = (address: Operand, offset = 0): Code =>
  sequence(address, [...simd(0x5c), 2, ...unsigned(offset)]);

export const storeVector = (address: Operand, value: Code, offset = 0): Code =>
  sequence(address, value, [...simd(0x0b), 2, ...unsigned(offset)]);

/** Stores the first lane, 32 bits. */
export const storeOne = (address: Operand, value: Code, offset = 0): Code =>
  sequence(address, value, [...simd(0x5a), 2, ...unsigned(offset), 0]);

/** Four float32 sums. */
export const addFloats: (a: Code, b: Code) => Code = vectorBinary(0xe4);

/** The greater of two in four float32 lanes, NaN where either is. */
export const greaterFloats: (a: Code, b: Code) => Code = vectorBinary(0xe9);

/** a · b + c in four float32 lanes: rounded once where `fused` and the processor can, else twice. */
export const multiplyAdd = (fused: boolean, a: Code, b: Code, c: Code): Code =>
  fused ? sequence(a, b, c, simd(0x105)) : addFloats(sequence(a, b, simd(0xe6)), c);

/** Two float64 sums. */
export const addDoubles: (a: Code, b: Code) => Code = vectorBinary(0xf0);

/** The first two float32 lanes as float64. */
export const widen = (a: Code): Code => sequence(a, simd(0x5f));

/** Both float64 lanes as float32, in the first two lanes. */
export const narrow = (a: Code): Code => sequence(a, simd(0x5e));

/** Lanes 2 and 3 of a vector of float32, moved to 0 and 1. */
export const upperHalf = (a: Code): Code =>
  sequence(a, a, [...simd(0x0d), 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]);

/** Lanes 0 and 1 of `a`, then lanes 0 and 1 of `b`. */
export const joinHalves = (a: Code, b: Code): Code =>
  sequence(a, b, [...simd(0x0d), 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);

export const and: (a: Operand, b: Operand) => Code = binary(0x71);
