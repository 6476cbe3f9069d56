/**
 * Gives what a file's contents come as in bytes, without a copy: `Uint8Array` (Node's `Buffer` too) or `ArrayBuffer`.
 *
 * By the name of its kind: those of another realm, such as a frame or a test environment, are none by `instanceof`.
 */
export function asBytes(what: string, given: unknown): Uint8Array {
  const kind = Object.prototype.toString.call(given).slice(8, -1);
  if (kind === 'Uint8Array') return given as Uint8Array;
  if (kind === 'ArrayBuffer') return new Uint8Array(given as ArrayBuffer);
  throw new Error(`${what} must be a Uint8Array or an ArrayBuffer, got ${kind}: pass await response.arrayBuffer().`);
}
