import { humanReporter } from './human.ts';
import { jsonReporter } from './json.ts';
import { print } from './print.ts';
import type { Reporter } from './reporter.ts';

/** Opens the reporter that was asked for: people read standard output, programs read it as JSON. */
export const openReporter = (json: boolean): Reporter =>
  json
    ? jsonReporter(
        (line) => print(process.stdout, line),
        (text) => print(process.stderr, text),
      )
    : humanReporter(process.stdout);
