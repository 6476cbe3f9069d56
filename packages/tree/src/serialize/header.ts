import type { DataType } from '@tensorflow/tfjs-core';

/** A tensor of a safetensors file: what it is and which bytes of the data are its. */
export type Entry = {
  readonly name: string;
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
};

/** A safetensors header: the tensors in the order of their data, and strings by name. */
export type Header = { readonly entries: readonly Entry[]; readonly metadata: { readonly [name: string]: string } };

const TYPES = new Map([
  ['F32', { dtype: 'float32', bytes: 4 }],
  ['I32', { dtype: 'int32', bytes: 4 }],
  ['BOOL', { dtype: 'bool', bytes: 1 }],
] as const);

const MAX_HEADER = 16 * 2 ** 20;
const MAX_TENSORS = 50_000;
const METADATA = '__metadata__';

/** How many bytes a number of this type takes; undefined for a type that is not saved. */
export const bytesOf = (dtype: DataType): number | undefined =>
  [...TYPES.values()].find((type) => type.dtype === dtype)?.bytes;

/** Shows a string of unknown origin in an error, on one line and not for pages. */
const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 80);

/** The one complaint about bytes that are not what `serialize` wrote. */
export const damaged = (reason: string): Error =>
  new Error(`Not an intact tree file: ${reason}. Load an older copy or save it again.`);

/**
 * Prints a header as the first bytes of a file: its length in eight bytes, then JSON, filled up with blanks so that the
 * data is aligned.
 *
 * @throws When there are more tensors or a longer header than `parseHeader` would read back.
 */
export function printHeader({ entries, metadata }: Header): Uint8Array {
  if (entries.length > MAX_TENSORS)
    throw new Error(`A tree file holds at most ${MAX_TENSORS} tensors, got ${entries.length}: save parts of the tree.`);
  const names = new Map([...TYPES].map(([name, { dtype }]) => [dtype, name]));
  const tensors = entries.map(({ name, dtype, shape, begin, end }) => [
    name,
    { dtype: names.get(dtype), shape, data_offsets: [begin, end] },
  ]);
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([[METADATA, metadata], ...tensors])));
  const length = Math.ceil(json.length / 8) * 8;
  if (length > MAX_HEADER)
    throw new Error(
      `The header of a tree file takes at most ${MAX_HEADER} bytes, got ${length}: save parts of the tree.`,
    );
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** The bytes of a tensor; undefined when they or a partial product cannot be counted. */
function byteCount(shape: readonly number[], each: number): number | undefined {
  let bytes = each;
  for (const side of shape) {
    bytes *= side;
    if (!isCount(bytes)) return undefined;
  }
  return bytes;
}

function entryOf(name: string, value: unknown): Entry {
  const tensor = `tensor ${shown(name)}`;
  if (!isRecord(value) || Object.keys(value).sort().join() !== 'data_offsets,dtype,shape')
    throw damaged(`${tensor} must have a dtype, a shape and data_offsets, and nothing else`);
  const { dtype: code, shape, data_offsets: offsets } = value;
  const type = [...TYPES].find(([known]) => known === code)?.[1];
  if (type === undefined)
    throw damaged(`${tensor} has the type ${shown(code)}, not one of ${[...TYPES.keys()].join(', ')}`);
  if (!Array.isArray(shape) || !shape.every(isCount)) throw damaged(`${tensor} has the shape ${shown(shape)}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw damaged(`${tensor} has the offsets ${shown(offsets)}`);
  const bytes = byteCount(shape, type.bytes);
  if (bytes === undefined) throw damaged(`the shape ${shown(shape)} of ${tensor} overflows`);
  const [begin, end] = offsets as [number, number];
  if (end - begin !== bytes) throw damaged(`${tensor} takes ${bytes} bytes, its offsets give it ${end - begin}`);
  return { name, dtype: type.dtype, shape, begin, end };
}

/** Checks that the tensors cover the data: no overlap, no hole, nothing missing, nothing behind them. */
function covering(entries: readonly Entry[], size: number): readonly Entry[] {
  const sorted = entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of sorted) {
    if (begin !== covered)
      throw damaged(
        `tensor ${shown(name)} ${begin < covered ? 'overlaps the one before it' : 'leaves a hole before it'}`,
      );
    covered = end;
  }
  if (covered > size) throw damaged(`it is cut short: the tensors take ${covered} bytes, it has ${size}`);
  if (covered < size) throw damaged(`${size - covered} bytes follow its last tensor`);
  return sorted;
}

/** Parses JSON that must be exactly what `JSON.stringify` prints, since a second entry of one name would otherwise hide
 * the first. */
export function parseCanonical(text: string, what: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (JSON.stringify(value) === text) return value;
  } catch {
    // Not JSON, or nested too deeply to be printed.
  }
  throw damaged(`${what} is not JSON as this library prints it`);
}

function withoutBlanks(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0x20) end -= 1;
  return bytes.subarray(0, end);
}

/**
 * Reads the header of a safetensors file, strictly, before anything is allocated for its tensors.
 *
 * @throws When something is wrong, with one line on the first such thing.
 * @see https://github.com/huggingface/safetensors#format
 */
export function parseHeader(bytes: Uint8Array): Header & { readonly data: Uint8Array } {
  if (bytes.length < 10) throw damaged(`it is cut short: it has ${bytes.length} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER) throw damaged(`its header claims ${length} bytes, at most ${MAX_HEADER} are read`);
  if (length > bytes.length - 8)
    throw damaged(`it is cut short: its header takes ${length} bytes, it has ${bytes.length - 8}`);
  const data = bytes.subarray(8 + Number(length));
  const json = withoutBlanks(bytes.subarray(8, 8 + Number(length)));
  if (json[0] !== 0x7b) throw damaged('its header does not begin with "{"');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(json);
  } catch {
    throw damaged('its header is not UTF-8');
  }
  const header = parseCanonical(text, 'its header');
  const { [METADATA]: metadata, ...tensors } = header as { readonly [name: string]: unknown };
  const found = Object.entries(tensors);
  if (found.length > MAX_TENSORS) throw damaged(`it claims ${found.length} tensors, at most ${MAX_TENSORS} are read`);
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
    throw damaged('its __metadata__ is not a record of strings');
  const entries = covering(
    found.map(([name, value]) => entryOf(name, value)),
    data.length,
  );
  return { entries, metadata: metadata as Header['metadata'], data };
}
