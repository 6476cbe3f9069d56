import type { Options } from '../options/table.ts';
import { humanReporter } from './human.ts';
import { jsonReporter } from './json.ts';
import { print } from './print.ts';
import { quietReporter } from './quiet.ts';
import type { Reporter } from './reporter.ts';

const toErrors = (text: string): void => print(process.stderr, text);

/** Opens the reporter that was asked for: people read standard output, programs read it as JSON. */
export function openReporter({ json, quiet = false }: Pick<Options, 'json' | 'quiet'>): Reporter {
  if (json) return jsonReporter((line) => print(process.stdout, line), toErrors);
  const human = humanReporter(process.stdout);
  return quiet ? quietReporter(human, toErrors) : human;
}
