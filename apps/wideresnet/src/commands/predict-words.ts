import { check } from '../options/check.ts';
import { count } from '../options/kinds.ts';
import { refusal } from '../options/refusal.ts';
import { widthOf } from '../report/layout.ts';
import { type Command, quiet, typed, withOptions } from './command-line.ts';
import { predictHelp } from './help-text.ts';

/** How many classes are asked for, as it was typed. */
function topOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const { success, data } = count.schema.safeParse(Number(text));
  if (!success) throw refusal('--top', count.expects, text);
  return data;
}

/** Adds `steppe predict`. */
export function addPredict(program: Command, finish: (code: number) => void): void {
  const predict = quiet(
    withOptions(program.command('predict').description('Says which class a trained run sees in images of yours.'), [
      'backend',
      'broken',
      'json',
    ]),
  )
    .argument('<run>', "the run's folder")
    .argument('<files...>', 'images: JPEG, PNG, WebP, GIF, TIFF, AVIF')
    .option('--top <n>', 'name the n likeliest classes of each (5, or all where there are fewer)')
    .addHelpText('after', () => predictHelp(widthOf(process.stdout)))
    .action(async (run: string, files: readonly string[], { top }: { readonly top?: string }) => {
      const said = { backend: 'auto', json: false, ...check(typed(predict)), top: topOf(top) } as const;
      const { predictCommand } = await import('./predict.ts');
      finish(await predictCommand(run, files, said));
    });
}
