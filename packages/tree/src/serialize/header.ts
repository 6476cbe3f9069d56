import { asBytes, looksLike } from '@steppe/check';
import type { DataType } from '@tensorflow/tfjs-core';
import { damaged, parseCanonical, parseOthers } from './intact.ts';

/** A tensor of a safetensors file: its type by the name that the format gives it, and which bytes of the data are its. */
export type StoredEntry = {
  readonly name: string;
  readonly code: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
};

/** A tensor of a tree file. */
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

/** Every type of the format, with its bits. */
const BITS: ReadonlyMap<unknown, number> = new Map(
  Object.entries({
    ...{ BOOL: 8, I8: 8, U8: 8, I16: 16, U16: 16, I32: 32, U32: 32, I64: 64, U64: 64 },
    ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6, F8_E4M3: 8, F8_E5M2: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8 },
    ...{ F16: 16, BF16: 16, F32: 32, F64: 64, C64: 64 },
  }),
);

const MAX_HEADER = 16 * 2 ** 20;
const MAX_TENSORS = 50_000;
/** The brace that opens JSON. */
const OPEN = 0x7b;
export const METADATA = '__metadata__';

/** How many bytes a number of this type takes; undefined for a type that is not saved. */
export const bytesOf = (dtype: DataType): number | undefined =>
  [...TYPES.values()].find((type) => type.dtype === dtype)?.bytes;

/** Shows a string of unknown origin in an error, on one line and not for pages. */
const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 80);

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
  let bits = each;
  for (const side of shape) {
    bits *= side;
    if (!isCount(bits)) return undefined;
  }
  return isCount(bits / 8) ? bits / 8 : undefined;
}

function entryOf(name: string, value: unknown, types: ReadonlyMap<unknown, number>): StoredEntry {
  const tensor = `tensor ${shown(name)}`;
  if (!isRecord(value) || Object.keys(value).sort().join() !== 'data_offsets,dtype,shape')
    throw damaged(`${tensor} must have a dtype, a shape and data_offsets, and nothing else`);
  const { dtype: code, shape, data_offsets: offsets } = value;
  const bits = types.get(code);
  if (typeof code !== 'string' || bits === undefined)
    throw damaged(`${tensor} has the type ${shown(code)}, not one of ${[...types.keys()].join(', ')}`);
  if (!Array.isArray(shape) || !shape.every(isCount)) throw damaged(`${tensor} has the shape ${shown(shape)}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw damaged(`${tensor} has the offsets ${shown(offsets)}`);
  const bytes = byteCount(shape, bits);
  if (bytes === undefined) throw damaged(`the shape ${shown(shape)} of ${tensor} overflows`);
  const [begin, end] = offsets as [number, number];
  if (end - begin !== bytes) throw damaged(`${tensor} takes ${bytes} bytes, its offsets give it ${end - begin}`);
  return { name, code, shape, begin, end };
}

/** Checks that the tensors cover the data: no overlap, no hole, nothing missing, nothing behind them. */
function covering(entries: readonly StoredEntry[], size: number): readonly StoredEntry[] {
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

function withoutBlanks(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0x20) end -= 1;
  return bytes.subarray(0, end);
}

/** What only files of this library have in their metadata: a file that has any of it is one, or was. */
export const OURS: readonly string[] = ['steppe', 'tree', 'metadata', 'dataSha256', 'headerSha256'];

/** What a safetensors file says of itself, and the bytes behind it. */
export type Stored = {
  readonly entries: readonly StoredEntry[];
  readonly metadata: Header['metadata'];
  readonly data: Uint8Array;
  /** Whether this library wrote it, which then has digests to check. */
  readonly isOurs: boolean;
};

/**
 * Reads the header of a safetensors file, strictly, before anything is allocated for its tensors.
 *
 * @throws When something is wrong, with one line on the first such thing.
 * @see https://github.com/huggingface/safetensors#format
 */
export function parseStored(file: Uint8Array | ArrayBuffer): Stored {
  const bytes = asBytes('A tree file', file);
  if (bytes.length < 10) throw damaged(`it is cut short: it has ${bytes.length} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const other = looksLike(bytes);
  // A header of so many bytes may begin like any of these, and then "{" follows it.
  if (other !== undefined && bytes[8] !== OPEN) throw damaged(`it looks like ${other}`);
  if (length > MAX_HEADER) throw damaged(`its header claims ${length} bytes, at most ${MAX_HEADER} are read`);
  if (length > bytes.length - 8)
    throw damaged(`it is cut short: its header takes ${length} bytes, it has ${bytes.length - 8}`);
  const data = bytes.subarray(8 + Number(length));
  const json = withoutBlanks(bytes.subarray(8, 8 + Number(length)));
  if (json[0] !== OPEN) throw damaged('its header does not begin with "{"');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(json);
  } catch {
    throw damaged('its header is not UTF-8');
  }
  const header = parseOthers(text, 'its header');
  const { [METADATA]: metadata = {}, ...tensors } = header as { readonly [name: string]: unknown };
  const found = Object.entries(tensors);
  if (found.length > MAX_TENSORS) throw damaged(`it claims ${found.length} tensors, at most ${MAX_TENSORS} are read`);
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
    throw damaged('its __metadata__ is not a record of strings');
  const isOurs = OURS.some((name) => Object.hasOwn(metadata, name));
  if (isOurs) parseCanonical(text, 'its header');
  const types = isOurs ? new Map([...TYPES].map(([code, { bytes: each }]) => [code, 8 * each])) : BITS;
  const entries = covering(
    found.map(([name, value]) => entryOf(name, value, types)),
    data.length,
  );
  return { entries, metadata: metadata as Header['metadata'], data, isOurs };
}

/**
 * Reads the header of a file that `serialize` wrote.
 *
 * @throws When something is wrong, with one line on the first such thing; when it is a sound file of another library.
 */
export function parseHeader(bytes: Uint8Array | ArrayBuffer): Header & { readonly data: Uint8Array } {
  const { entries, metadata, data, isOurs } = parseStored(bytes);
  if (!isOurs)
    throw new Error(
      'A sound safetensors file of another library, not a tree that was saved here: read its tensors by ' +
        'readSafetensors.',
    );
  const typed = entries.map(({ code, ...entry }) => {
    const type = [...TYPES].find(([known]) => known === code)?.[1];
    return { ...entry, dtype: type?.dtype ?? 'float32' };
  });
  return { entries: typed, metadata, data };
}
