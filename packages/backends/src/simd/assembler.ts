/** Bytes of WebAssembly that leave one value on the stack, or none. */
export type Code = {
  readonly bytes: readonly number[];
};

/** What an instruction takes: code, or a number for an i32 constant. */
export type Operand = Code | number;

/** A local variable of a function; as code it reads itself. */
export type Local = Code & {
  /** Code that sets the variable. */
  readonly set: (value: Operand) => Code;
};

/** The types of variables that the kernels here need, as WebAssembly encodes them. */
const valueTypes = { i32: 0x7f, v128: 0x7b } as const;
export type ValueType = keyof typeof valueTypes;

/** A function of i32 parameters without a result, ready to be put into a module. */
export type FunctionCode = {
  readonly name: string;
  readonly parameters: number;
  readonly locals: readonly ValueType[];
  readonly body: Code;
};

/** An unsigned number in LEB128, as WebAssembly writes sizes and indices. */
export const unsigned = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...unsigned(n >>> 7)]);

const signed = (n: number): number[] => {
  const low = n & 127;
  const rest = n >> 7;
  return (rest === 0 && low < 64) || (rest === -1 && low >= 64) ? [low] : [low | 128, ...signed(rest)];
};

/** Code that runs one piece after the other. */
export const sequence = (...pieces: readonly (Operand | readonly number[])[]): Code => ({
  bytes: pieces.flatMap((piece) =>
    typeof piece === 'number' ? [0x41, ...signed(piece)] : 'bytes' in piece ? piece.bytes : piece,
  ),
});

/** Writes a function: `build` gets its parameters by name, makes local variables by type, and returns the body. */
export function defineFunction<Name extends string>(
  name: string,
  parameterNames: readonly Name[],
  build: (parameters: Readonly<Record<Name, Local>>, local: (type: ValueType) => Local) => Code,
): FunctionCode {
  const variable = (index: number): Local => ({
    bytes: [0x20, ...unsigned(index)],
    set: (value) => sequence(value, [0x21, ...unsigned(index)]),
  });
  const parameters = Object.fromEntries(parameterNames.map((p, i) => [p, variable(i)])) as Record<Name, Local>;
  const locals: ValueType[] = [];
  const body = build(parameters, (type) => variable(parameterNames.length + locals.push(type) - 1));
  return { name, parameters: parameterNames.length, locals, body };
}

/**
 * Puts functions into a WebAssembly module that exports them by name and imports its memory as `env.memory`.
 *
 * @see The WebAssembly core specification, section 5 (binary format).
 */
export function assemble(functions: readonly FunctionCode[]): Uint8Array<ArrayBuffer> {
  const vector = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()];
  const sized = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes];
  const text = (s: string): number[] => sized([...new TextEncoder().encode(s)]);
  const section = (id: number, items: readonly (readonly number[])[]): number[] => [id, ...sized(vector(items))];
  const types = functions.map(({ parameters }) => [0x60, ...vector(Array(parameters).fill([valueTypes.i32])), 0]);
  const bodies = functions.map(({ locals, body }) =>
    sized([...vector(locals.map((type) => [1, valueTypes[type]])), ...body.bytes, 0x0b]),
  );
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(2, [[...text('env'), ...text('memory'), 2, 0, 0]]),
    ...section(
      3,
      functions.map((_, i) => unsigned(i)),
    ),
    ...section(
      7,
      functions.map(({ name }, i) => [...text(name), 0, ...unsigned(i)]),
    ),
    ...section(10, bodies),
  ]);
}
