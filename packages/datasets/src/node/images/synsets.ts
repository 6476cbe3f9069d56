import { inflateSync } from 'node:zlib';
import { type Element, elementAt, mi } from '../mat-element.ts';

const structClass = 2;
const limit = 1 << 26;

const textOf = ({ bytes }: Element): string => Buffer.from(bytes.filter((byte) => byte !== 0)).toString('latin1');

/** The elements of a matrix after its flags, sides and name. */
function inside(matrix: Uint8Array): { readonly kind: number; readonly at: number } {
  const flags = elementAt(matrix, 0);
  const sides = elementAt(matrix, flags.end);
  const name = elementAt(matrix, sides.end);
  return { kind: flags.bytes[0] as number, at: name.end };
}

/** A number or a text in a matrix of its own. */
const payload = (matrix: Uint8Array): Element => elementAt(matrix, inside(matrix).at);

function numberIn(matrix: Uint8Array): number {
  const { type, bytes } = payload(matrix);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (type === 9) return view.getFloat64(0, true);
  return bytes.reduce((sum, byte, i) => sum + byte * 256 ** i, 0);
}

/**
 * Reads which synset the numbers of ImageNet's devkit mean: `ILSVRC2012_ID` and `WNID` of the structure in meta.mat.
 *
 * @throws When the file is damaged or holds no such structure.
 */
export function parseSynsets(file: Uint8Array): ReadonlyMap<number, string> {
  const outer = elementAt(file, 128);
  const element =
    outer.type === mi.compressed ? elementAt(inflateSync(outer.bytes, { maxOutputLength: limit }), 0) : outer;
  const { kind, at } = inside(element.bytes);
  if (element.type !== mi.matrix || kind !== structClass) throw new Error('meta.mat holds no structure of synsets.');
  const length = elementAt(element.bytes, at);
  const width = length.bytes[0] as number;
  const names = elementAt(element.bytes, length.end);
  const fields = Array.from({ length: names.bytes.length / width }, (_, i) =>
    textOf({ ...names, bytes: names.bytes.subarray(i * width, (i + 1) * width) }),
  );
  const [id, name] = [fields.indexOf('ILSVRC2012_ID'), fields.indexOf('WNID')];
  if (id === -1 || name === -1)
    throw new Error(`meta.mat has the fields ${fields.join(', ')}, not ILSVRC2012_ID and WNID.`);
  const found = new Map<number, string>();
  for (let next = names.end; next < element.bytes.length; ) {
    const row = fields.map(() => {
      const cell = elementAt(element.bytes, next);
      next = cell.end;
      return cell.bytes;
    });
    found.set(numberIn(row[id] as Uint8Array), textOf(payload(row[name] as Uint8Array)));
  }
  return found;
}
