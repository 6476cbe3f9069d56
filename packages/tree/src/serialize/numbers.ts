type Read = (view: DataView, at: number) => number;

/** How numbers of a stored type become those of a tensor. */
export type NumberType = { readonly bytes: number; readonly dtype: 'float32' | 'int32' | 'bool'; readonly read: Read };

/** The value of a half: five bits of exponent, ten of fraction. */
function half(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

const word = new DataView(new ArrayBuffer(4));

/** The value of a bfloat16: the upper half of a float32. */
function brain(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

const float = (bytes: number, read: Read): NumberType => ({ bytes, dtype: 'float32', read });
const whole = (bytes: number, read: Read): NumberType => ({ bytes, dtype: 'int32', read });

/** The types that are read, by their names in the format. */
export const numberTypes: ReadonlyMap<string, NumberType> = new Map([
  ['F32', float(4, (view, at) => view.getFloat32(at, true))],
  ['F16', float(2, (view, at) => half(view.getUint16(at, true)))],
  ['BF16', float(2, (view, at) => brain(view.getUint16(at, true)))],
  ['F64', float(8, (view, at) => view.getFloat64(at, true))],
  ['I8', whole(1, (view, at) => view.getInt8(at))],
  ['U8', whole(1, (view, at) => view.getUint8(at))],
  ['I16', whole(2, (view, at) => view.getInt16(at, true))],
  ['U16', whole(2, (view, at) => view.getUint16(at, true))],
  ['I32', whole(4, (view, at) => view.getInt32(at, true))],
  ['U32', whole(4, (view, at) => view.getUint32(at, true))],
  ['I64', whole(8, (view, at) => Number(view.getBigInt64(at, true)))],
  ['U64', whole(8, (view, at) => Number(view.getBigUint64(at, true)))],
  ['BOOL', { bytes: 1, dtype: 'bool', read: (view, at) => view.getUint8(at) }],
]);
