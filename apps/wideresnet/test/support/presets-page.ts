import { type PresetName, presetOf, sections } from '../../src/options/presets/presets.ts';
import { wrapped } from '../../src/report/layout.ts';
import { presetTable } from './readme-tables.ts';

/** What the paper does not print of some presets, each text with the presets that it is of. */
function gaps(names: readonly PresetName[]): string {
  const texts = [...new Set(names.flatMap((name) => presetOf(name).unprinted ?? []))];
  if (texts.length === 0) return '';
  const lines = texts.map((text) => {
    const of = names.filter((name) => presetOf(name).unprinted === text).map((name) => `\`${name}\``);
    return wrapped(`- ${of.join(', ')}: ${text}.`, 118).join('\n  ');
  });
  return `\n\nNot printed in the paper:\n\n${lines.join('\n')}`;
}

/** `docs/presets.md`, of the tables that the command line is made of. */
export const presetsPage = (): string => `# Presets

<!-- Written by apps/wideresnet/test/options/presets.test.ts (vitest -u) from apps/wideresnet/src/options/presets. -->

A preset has a value for every option of \`steppe train\`; a config file and the command line change it. Those of the
tables of the paper (Foret et al., ICLR 2021) have its settings: a step of SAM over 256 images in slices of 32, the L2
penalty in the loss, Nesterov momentum, a cosine, and clipping by the norm 5 as in its code. They want GPUs.

\`\`\`sh
steppe presets                                    # all of them, a line each
steppe presets cifar10-noise-40-sam               # one, as a config file has it
steppe train --preset cifar10-wrn-aa --download   # a row of table 1
steppe train --preset cifar10-wrn-basic --rho 0 --epochs 400          # its baseline: SGD at equal cost
steppe train --preset finetune-b7-pets --data ./pets --pretrained b7.safetensors --rho 0.05   # of table 3
steppe train ./flowers --preset finetune-b7 --pretrained b7.safetensors                       # the same on any folder
\`\`\`

${Object.entries(sections)
  .map(([title, presets]) => {
    const names = Object.keys(presets) as PresetName[];
    return `## ${title}\n\n${presetTable(names)}${gaps(names)}`;
  })
  .join('\n\n')}

## What the tables have and no preset does

- Table 3 is of weights that were learned on other images, which are not published in safetensors: a preset takes any
  file of timm or torchvision by \`--pretrained\`. Its sets are in the folder of \`--data\`; Stanford Cars and Birdsnap,
  which are not published any more, as \`train/CLASS/*\` with \`test/CLASS/*\`, or with a \`labels.csv\`
  (columns \`file\`, \`label\`, \`split\`). The images of CIFAR are enlarged on the device.
- The bootstrapped rows of table 4 are two runs, the second from new weights on the labels that the first one
  predicts: \`steppe train --preset cifar10-noise-40-sam --out runs/first\`, then
  \`steppe train --preset cifar10-noise-40-bootstrap-sam --relabel runs/first\`. Another method of that name is
  a loss (Reed et al., 2014): \`--bootstrap soft\` or \`hard\`.
- Table 8 is a sweep: \`options: { preset: cifar10-noise-20-sam }\` and
  \`search: { rho: table8, label-noise: paper }\` ([sweeps](sweeps.md)).
`;
