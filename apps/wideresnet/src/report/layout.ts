/** How wide text for people is where no terminal says so, and at most: longer lines are hard to read. */
const usual = 80;
const widest = 110;

/** How many characters a line for people may have, by the terminal that it goes to. */
export const widthOf = ({ columns = usual }: { readonly columns?: number }): number =>
  Math.min(widest, Math.max(40, columns));

/**
 * Breaks a text at its blanks into lines.
 *
 * @param width - Characters in a line; a word that is longer has a line of its own.
 */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/** A paragraph in lines. */
export const paragraph = (text: string, width: number, indent = 0): string =>
  wrapped(text, width - indent)
    .map((line) => `${' '.repeat(indent)}${line}`)
    .join('\n');

/** Words and what they mean, in two columns. */
export function terms(rows: readonly (readonly [term: string, text: string])[], width: number, indent = 2): string {
  const column = indent + Math.max(...rows.map(([term]) => term.length)) + 2;
  return rows
    .map(([term, text]) => {
      const lines = wrapped(text, width - column);
      return lines
        .map((line, i) => `${' '.repeat(indent)}${(i === 0 ? term : '').padEnd(column - indent)}${line}`)
        .join('\n');
    })
    .join('\n');
}
