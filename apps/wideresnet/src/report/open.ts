import type { Options } from '../options/table.ts';
import { humanReporter } from './human.ts';
import { jsonReporter } from './json.ts';
import { print } from './print.ts';
import { quietReporter } from './quiet.ts';
import type { Reporter } from './reporter.ts';
import { withPage } from './watching.ts';

const toErrors = (text: string): void => print(process.stderr, text);

type Asked = Pick<Options, 'json' | 'quiet' | 'watch' | 'dry-run'>;

function open({ json, quiet = false }: Asked): Reporter {
  if (json) return jsonReporter((line) => print(process.stdout, line), toErrors);
  const human = humanReporter(process.stdout);
  return quiet ? quietReporter(human, toErrors) : human;
}

/** Opens the reporter that was asked for: people read standard output, or a page, programs read it as JSON. */
export function openReporter(asked: Asked): Reporter {
  const reporter = open(asked);
  return asked.watch && !asked['dry-run'] ? withPage(reporter) : reporter;
}
