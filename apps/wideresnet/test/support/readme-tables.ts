import { type PresetName, presetOptions, quickNames } from '../../src/options/presets/presets.ts';
import { optionNames, optionOf } from '../../src/options/schema.ts';
import { titleOf } from '../../src/run/network.ts';

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Every option with what it allows and what it is for, as help says it. */
function options(): string {
  const rows = optionNames.map((name) => {
    const { value, about, kind } = optionOf(name);
    // What is one of some names is listed in what it is for.
    const allowed = kind.expects.startsWith('one of') || value === undefined ? '' : kind.expects;
    return [`\`--${name}${value === undefined ? '' : ` <${value}>`}\``, about.replaceAll('<', '&lt;'), allowed];
  });
  return table(['option', 'is', 'allows'], rows);
}

/** Presets with what tells each from the others. */
export function presetTable(names: readonly PresetName[]): string {
  const rows = names.map((name) => {
    const all = presetOptions(name);
    const { dataset, limit, augment, mixup, 'image-size': side, lr, rho, epochs, steps, batch, m, compare } = all;
    const noise = all['label-noise'] === 0 ? '' : `${100 * all['label-noise']} % of labels wrong`;
    const images = [
      dataset,
      limit === undefined ? '' : `${limit} images`,
      augment === 'none' ? '' : augment,
      noise,
      mixup === undefined ? '' : 'mixup',
      side === undefined ? '' : `${side} pixels`,
    ];
    const length = steps === undefined ? `${epochs} epochs` : `${steps} steps`;
    return [
      `\`${name}\``,
      titleOf(all),
      images.filter((text) => text !== '').join(', '),
      `${lr}, ${all['weight-decay']}, ${rho}`,
      `${length} × ${batch}${m === undefined ? '' : ` (${m})`}${compare === 'none' ? '' : `, compared with ${compare}`}`,
    ];
  });
  return table(['preset', 'network', 'images', 'lr, weight decay, rho', 'length × batch (m)'], rows);
}

const shownPresets: readonly PresetName[] = [...quickNames, 'fashion', 'cifar10-paper', 'cifar100-paper'];

const tables: { readonly [name: string]: () => string } = { options, presets: () => presetTable(shownPresets) };

/** The README with its tables as the schema says them: each stands between `<!-- name -->` and `<!-- /name -->`. */
export const withTables = (readme: string): string =>
  readme.replace(
    /(<!-- (\w+) -->)[\s\S]*?(<!-- \/\2 -->)/g,
    (_, begin: string, name: string, end: string) => `${begin}\n\n${tables[name]?.() ?? ''}\n\n${end}`,
  );
