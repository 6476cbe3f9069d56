/** The one complaint about bytes that are not what `serialize` wrote. */
export const damaged = (reason: string): Error =>
  new Error(`Not an intact tree file: ${reason}. Load an older copy or save it again.`);

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

/**
 * Parses JSON that others printed, with blanks, escapes and an order of keys of their own, but without a second entry of
 * one name: printed again without blanks it is as long as the text without blanks.
 */
export function parseOthers(text: string, what: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const tight = text.replace(/"(?:[^"\\]|\\.)*"|\s+/g, (token) =>
      token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : '',
    );
    if (JSON.stringify(value).length === tight.length) return value;
  } catch {
    // Not JSON, or nested too deeply to be printed.
  }
  throw damaged(`${what} is not JSON as this library prints it`);
}
