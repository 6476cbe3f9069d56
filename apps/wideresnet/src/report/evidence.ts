import { presetOptions } from '../options/presets/presets.ts';
import type { Options } from '../options/table.ts';
import { percent } from './format.ts';

/** Where the comparison is measured with all its arms, and where SAM helps and where not. */
export const evidencePage = 'https://github.com/steppe-ml/steppe/blob/main/docs/evidence.md';

/** Test errors of the preset `label-noise`: mean and half of its 95 % interval over seeds. A test holds them to
 * docs/evidence.md. */
export const measured = {
  seeds: 5,
  errors: {
    SAM: [0.275, 0.012],
    'SGD, equal gradients': [0.44, 0.015],
    'SGD, same epochs': [0.397, 0.05],
    'SGD, tuned weight decay': [0.314, 0.013],
  },
} as const;

/** Options that change where a run goes, not what comes out of it. */
const besides: ReadonlySet<string> = new Set([
  'seed',
  'backend',
  'eager',
  'data',
  'download',
  'out',
  'json',
  'quiet',
  'profile',
  'dry-run',
]);

/** Whether the measured figures are those of these options: seeds apart, they are the preset's. */
function isMeasured(options: Options): boolean {
  const preset: Readonly<Record<string, unknown>> = presetOptions('label-noise');
  const names = new Set([...Object.keys(preset), ...Object.keys(options)].filter((name) => !besides.has(name)));
  const own: Readonly<Record<string, unknown>> = options;
  return [...names].every((name) => own[name] === preset[name]);
}

const figures = (): string =>
  Object.entries(measured.errors)
    .map(([name, [mean, half]]) => `${name} ${(100 * mean).toFixed(1)} ± ${percent(half, 1)}`)
    .join('; ');

/** What a fair reader of a comparison must know beside its figures; nothing where nothing was compared. */
export function remarksOn(options: Options): readonly string[] {
  if (options.compare === 'none') return [];
  const whole = options['tuned-decay'] !== undefined;
  return [
    isMeasured(options)
      ? `This is one seed. Test errors over ${measured.seeds} seeds, with 95 % intervals: ${figures()}.`
      : 'This is one seed: another one can move each error by a point or two.',
    ...(whole
      ? []
      : ['Not run here: without SAM for the same epochs, and with a tuned weight decay (--tuned-decay runs both).']),
    `A tuned weight decay alone can get SGD most of the way to SAM: where SAM helps and where not is in ${evidencePage}.`,
  ];
}
