import { entryOf, type NetworkName, networkNames } from '../options/networks/own.ts';
import { paragraph, terms } from '../report/layout.ts';
import { exitCodes } from './exit-codes.ts';

const smallOf = (name: NetworkName): string =>
  Object.entries(entryOf(name).smaller.little ?? {})
    .map(([option, value]) => ` --${option} ${value}`)
    .join('');

const chainExample = '[{ lookSam: { k: 5, rho: 0.05 } }, { trace: 0.9 }, { scaleBySchedule: { cosineDecay: -0.1 } }]';

/** Lines that show what to type, each with what it is good for below it. */
export const examples = (rows: readonly (readonly [command: string, about: string])[]): string =>
  rows.map(([command, about]) => `  ${command}${about === '' ? '' : `\n      ${about}`}`).join('\n');

/** What `steppe train --help` teaches below its options. */
export const trainHelp = (width: number): string => `
${paragraph(
  'SAM asks at every step which weights within --rho of the present ones are worst for the batch, and steps by the gradient there. It costs two gradients a step, so compare it with SGD at the same number of gradients.',
  width,
)}

${terms(
  [
    ['rho', 'the radius. Try 0.02, 0.05, 0.1, 0.2: the paper finds 0.05 good for most. 0 is plain SGD.'],
    [
      'p',
      'the norm of the radius: 2 moves along the gradient, inf moves every weight by rho, 1 moves one weight. The same rho is a far longer way at p = inf: of n weights rho / sqrt(n) is comparable. So whoever gives --p alone gets the comparable radius.',
    ],
    [
      'm',
      'each m images of a batch look for a worst point of their own, and the gradients are averaged. Smaller is better and slower.',
    ],
    [
      'sam-tail',
      'SAM only near the end: with 0.3 a step costs two gradients in the last 30 % of the steps and one before, 1.3 in the mean.',
    ],
  ],
  width,
)}

${paragraph('Values come from the preset, changed by --config, changed by the command line. A config file is YAML or JSON with the same names ("rho: 0.1"); the config.json of a run repeats it.', width)}

Examples:
${examples([
  ['steppe train', 'SAM beside SGD on images that come with it, 40 % of the labels wrong: in minutes'],
  ['steppe train --compare none', 'SAM alone'],
  ['steppe train --p inf', 'another norm, with a radius that is comparable'],
  [`steppe train --chain '${chainExample}'`, 'any links: steppe links'],
  [`steppe train --preset fashion${smallOf('wideresnet')} --epochs 10`, 'a smaller network than that of the preset'],
  ['steppe train --preset cifar10-paper --download', 'as in the paper: wants a GPU'],
  ['steppe train --config runs/first/config.json --out runs/again', 'the same run again'],
  ['steppe train --resume runs/first', 'goes on with a run that was ended, as if it had not been'],
])}

${exitCodes(width)}`;

/** What `steppe evaluate --help` teaches below its options. */
export const evaluateHelp = (width: number): string => `
${paragraph('<run> is the folder of a run, or a weights.safetensors in it. The file itself says which network and which data it belongs to. Of one image steppe predict says the class.', width)}

Example:
  steppe evaluate runs/first --json

${exitCodes(width)}`;

/** What `steppe predict --help` teaches below its options. */
export const predictHelp = (width: number): string => `
${paragraph('Images are seen as those held out of training are: of photographs the centre, in the size that the run was trained with; all of the image where its own were small ones, such as those of CIFAR. A file that is no image ends the command with its name, or by --broken skip is left out.', width)}

Examples:
${examples([
  ['steppe predict runs/photos holiday.jpg', 'the likeliest classes, with their probabilities'],
  ['steppe predict runs/photos inbox/*.jpg --top 1 --json', 'one JSON object a line, for programs'],
])}

${exitCodes(width)}`;

/** What `steppe report --help` teaches below its options. */
export const reportHelp = (width: number): string => `
${paragraph('Runs may be live or finished; those that --compare left inside a run come with it. The folder gets report.html, one file that loads nothing, and each chart as SVG and PNG: errors, loss at w and at w + ε̂, sharpness, norms, rates.', width)}

Examples:
${examples([
  ['steppe report runs/first', 'one run and its rivals'],
  [
    'steppe report runs/a runs/b --out compared',
    'two runs, over the gradients that they took, with the options that differ',
  ],
])}

${exitCodes(width)}`;

/** What `steppe doctor --help` teaches below its options. */
export const doctorHelp = (width: number): string => `
${paragraph('Each device is started and computes in a process of its own, so that one that crashes is a line of the report. With --backend a device is shown with all that is known of it, and a software renderer counts.', width)}

Examples:
${examples([
  ['steppe doctor', 'which devices work, and the command that would give you the others'],
  ['steppe doctor --bench', 'and how fast they are'],
  ['steppe doctor --backend native --bench', 'one device, with the kernels that it lacks'],
])}

${exitCodes(width)}`;

/** What `steppe watch --help` teaches below its options. */
export const watchHelp = (width: number): string => `
${paragraph('The page draws loss, sharpness, error, norms, rates and speed of all runs in the folder and below it, over steps, gradients or time, and tells in which options they differ. It reads what a run has written, so it can be opened at any time and closed again.', width)}

Examples:
${examples([
  ['steppe watch', 'the runs in the folder runs'],
  ['steppe watch sweeps/rho --port 8080', 'those of another folder'],
  ['ssh -L 6060:localhost:6060 gpu-server', 'on your machine, to see the page of that server as http://localhost:6060'],
])}

${exitCodes(width)}`;

/** What `steppe links --help` teaches below its options. */
export const linksHelp = (width: number): string => `
${paragraph('A chain is a list of links: the first one sees the gradient of the loss, the last one makes the step, and their order is the algorithm. With --json it prints JSON Schema, which editors check config files by.', width)}

Examples:
${examples([
  ['steppe links', 'all of them, a line each'],
  ['steppe links lookSam', 'its options, with an example'],
  [`steppe train --chain '${chainExample}'`, 'a run with them'],
])}

${exitCodes(width)}`;

/** What `steppe networks --help` teaches below its options. */
export const networksHelp = (width: number): string => `
${paragraph('Each network has options of its own, which another one does not take: on the command line and in config files they stand beside the others. With --json it prints JSON Schema, which editors check config files by.', width)}

Examples:
${examples([
  ['steppe networks', 'all of them, a line each'],
  [`steppe networks ${networkNames[0]}`, 'its options, with an example'],
])}

${exitCodes(width)}`;

/** What `steppe presets --help` teaches below its options. */
export const presetsHelp = (width: number): string => `
${paragraph('A preset has a value for every option: what a config file and the command line say changes it. Those of the paper have its settings, and what it does not print is told.', width)}

Examples:
${examples([
  ['steppe presets', 'all of them, a line each'],
  ['steppe presets cifar10-noise-40-sam', 'the options of one, as a config file has them'],
])}

${exitCodes(width)}`;

/** What `steppe data --help` teaches below its options. */
export const dataHelp = (width: number): string => `
${paragraph('It counts the images of each class, takes the mean and the deviation of the bytes, looks for images that are there twice, in training images and in those held out, and makes a picture of some of each class. --near also counts pictures that are almost the same, such as a photograph that was saved anew or resized, by a hash of 64 digits; small or plain pictures are alike without being copies.', width)}

Examples:
${examples([
  ['steppe data fashion-mnist-mini --sheet fashion.png', ''],
  ['steppe data ./my-photos --image-size 64', 'a folder of images, as steppe train ./my-photos takes it'],
  ['steppe data ./my-photos --near 4', 'also photographs that were saved anew or resized'],
  ['steppe data cifar10 --download --json', 'one JSON object, for programs'],
])}

${exitCodes(width)}`;
