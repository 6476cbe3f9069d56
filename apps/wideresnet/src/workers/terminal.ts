/** Standard output as far as it says whether people watch it. */
type Output = { isTTY?: boolean; columns?: number; rows?: number };

/** The variable by which `steppe launch` tells the first rank of its own terminal: `80x24`, or nothing. */
export const terminalVariable = 'STEPPE_TERMINAL';

/**
 * Tells a rank whether a terminal is behind its output: `mpirun` gives each one that has no size, whoever reads what
 * comes of it.
 */
export function settleTerminal(output: Output, { [terminalVariable]: named = '' }: NodeJS.ProcessEnv): void {
  const [, columns, rows] = /^(\d+)x(\d+)$/.exec(named) ?? [];
  if (output.isTTY === true && columns !== undefined && Number(columns) > 0)
    Object.assign(output, { columns: Number(columns), rows: Number(rows) });
  else Object.assign(output, { isTTY: false, columns: undefined, rows: undefined });
}
