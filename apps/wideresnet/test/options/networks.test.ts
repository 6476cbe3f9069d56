import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readConfigFile } from '../../src/options/config-file.ts';
import { entryOf, networkNames, ownNames, ownOf, takersOf } from '../../src/options/networks/own.ts';
import { resolveOptions } from '../../src/options/resolve.ts';
import { optionNames, optionOf } from '../../src/options/schema.ts';
import { steppe } from '../support/capture.ts';

const line = (values: Readonly<Record<string, unknown>>) => ({ values, nameOf: (name: string) => `--${name}` });
const fixture = join(fileURLToPath(new URL('.', import.meta.url)), 'fixtures', 'config-of-before-networks.json');

describe.each(networkNames)('%s', (name) => {
  test('takes what it is without a word, and makes a smaller one of what it says is smaller', () => {
    const { options, smaller, title } = entryOf(name);
    for (const { kind, fallback } of Object.values(options)) expect(kind.schema.parse(fallback)).toBe(fallback);
    for (const small of Object.values(smaller))
      expect(resolveOptions(line({ network: name, ...small })).options).toMatchObject({ network: name, ...small });
    expect(title(ownOf({ network: name }))).toMatch(/^\S+$/);
  });

  test('is shown with each of its options, in words and as JSON Schema', async () => {
    const { code, out, err } = await steppe('networks', name);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const { properties } = JSON.parse((await steppe('networks', name, '--json')).out);
    expect(properties.network.const).toBe(name);
    for (const [option, { fallback }] of Object.entries(entryOf(name).options)) {
      expect(out).toContain(`--${option} `);
      expect(properties[option].default).toBe(fallback);
    }
  });
});

test('The example of each network fits the images that come with it, which whoever names none trains on', async () => {
  for (const name of networkNames) {
    const { out } = await steppe('networks', name);
    const words = /Example:\n {2}steppe train (.*)\n/.exec(out)?.[1]?.split(' ') ?? [];
    const values = Object.fromEntries(words.flatMap((word, i) => (i % 2 ? [[words[i - 1]?.slice(2), word]] : [])));
    const { network, patch } = resolveOptions(
      line(Object.fromEntries(Object.entries(values).map(([key, text]) => [key, Number(text) || text]))),
    ).options;
    expect(network).toBe(name);
    expect({ name, rest: 28 % Number(patch ?? 1) }).toEqual({ name, rest: 0 });
  }
});

test('An option of a network is an option like all others, and tells which networks take it', async () => {
  expect(optionNames).toEqual(expect.arrayContaining([...ownNames]));
  for (const name of ownNames) for (const taker of takersOf(name)) expect(optionOf(name).about).toContain(taker);
  expect((await steppe('networks')).out).toContain(networkNames.at(-1));
  expect(JSON.parse((await steppe('networks', '--json')).out).anyOf).toHaveLength(networkNames.length);
});

test('Another network has options of its own, not those of the preset', () => {
  const { options, notes } = resolveOptions(line({ preset: 'label-noise', network: 'cifar-resnet' }));
  expect(options).toMatchObject({ network: 'cifar-resnet', depth: 32, width: 16 });
  expect(options.dropout).toBeUndefined();
  expect(notes).toEqual([]);
});

test('An option of another network is refused with the networks that take it', () => {
  expect(() => resolveOptions(line({ network: 'resnet18', depth: 20 }))).toThrow(
    '--depth has no effect with --network resnet18 (wideresnet, cifar-resnet, shake-shake, pyramidnet and pyramidnet-basic take it): leave one of them out.',
  );
  expect(() => resolveOptions(line({ network: 'cifar-resnet', depth: 28 }))).toThrow(
    '--depth must be 6n + 2 (8, 14, 20, 32, 56, ...), got 28.',
  );
});

test('What a file says of a network that the command line replaces is told to have no effect', () => {
  const file = { values: { network: 'cifar-resnet', depth: 20 }, nameOf: (name: string) => `${name} in run.yaml` };
  const { options, notes } = resolveOptions(line({ network: 'wideresnet' }), file);
  expect(options).toMatchObject({ network: 'wideresnet', depth: 28, width: 10 });
  expect(notes).toEqual(['depth in run.yaml has no effect with --network wideresnet.']);
  expect(resolveOptions(line({ depth: 56 }), file).options).toMatchObject({ depth: 56, width: 16 });
});

test('A network that there is not is refused with a guess', async () => {
  const { code, err } = await steppe('networks', 'wideresnt');
  expect({ code, err }).toEqual({ code: 64, err: 'steppe: "wideresnt" is no network: did you mean wideresnet?\n' });
});

test('The config.json of a run that was made before networks had tables is read as it was meant', async () => {
  const file = { ...(await readConfigFile(fixture)), nameOf: (name: string) => `${name} in old` };
  const { options, sha256, notes } = resolveOptions(line({}), file);
  expect({ ...options, json: undefined }).toEqual({ ...file.values, json: undefined });
  expect(options).toMatchObject({ network: 'wideresnet', depth: 10, width: 1, dropout: 0.1 });
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(notes).toEqual([]);
});
