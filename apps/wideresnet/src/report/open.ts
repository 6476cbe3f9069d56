import { humanReporter } from './human.ts';
import { jsonReporter } from './json.ts';
import type { Reporter } from './reporter.ts';

/** Opens the reporter that was asked for: people read standard output, programs read it as JSON. */
export const openReporter = (json: boolean): Reporter =>
  json
    ? jsonReporter(
        (line) => process.stdout.write(line),
        (text) => process.stderr.write(`${text}\n`),
      )
    : humanReporter(process.stdout);
