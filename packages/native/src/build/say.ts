const said = new Set<string>();

/** Tells the user something in one line on standard error, once: standard output belongs to the program. */
export function sayOnce(line: string): void {
  if (!said.has(line)) say(line);
  said.add(line);
}

/** Tells the user something in one line on standard error. */
export function say(line: string): void {
  // Unlike a write to the stream, this never fails when nobody reads there.
  console.error(`steppe: ${line}`);
}
