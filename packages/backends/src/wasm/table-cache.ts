const tables = new Map<string, Int32Array>();
const capacity = 2 ** 26;
let bytes = 0;

/** Builds a table once per key and keeps the ones used last, 64 MiB of them: a network asks for the same few at every
 * step. */
export function cachedTable(key: string, build: () => Int32Array): Int32Array {
  const known = tables.get(key);
  const table = known ?? build();
  if (known) tables.delete(key);
  else bytes += table.byteLength;
  tables.set(key, table);
  for (const [oldest, { byteLength }] of tables) {
    if (bytes <= capacity) break;
    tables.delete(oldest);
    bytes -= byteLength;
  }
  return table;
}
