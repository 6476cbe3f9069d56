import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../examples/extract.mjs';

/** The floor of every package: an import goes down only. */
const FLOORS: { readonly [name: string]: number } = {
  files: 0,
  kernels: 0,
  check: 0,
  tree: 1,
  random: 1,
  native: 1,
  autograd: 2,
  transforms: 2,
  datasets: 2,
  backends: 2,
  models: 3,
  sharpness: 3,
  distributed: 3,
  train: 4,
  conformance: 5,
  layers: 5,
  watch: 5,
  wideresnet: 6,
  playground: 6,
};

type Manifest = {
  readonly dependencies?: { readonly [name: string]: string };
  readonly optionalDependencies?: { readonly [name: string]: string };
  readonly peerDependencies?: { readonly [name: string]: string };
};

const folderOf = (name: string): string =>
  ['packages', 'apps'].map((kind) => join(root, kind, name)).find((folder) => existsSync(folder)) ?? '';

const manifestOf = (name: string): Manifest => JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8'));

const sourcesOf = (name: string): readonly string[] =>
  readdirSync(join(folderOf(name), 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => readFileSync(join(folderOf(name), 'src', file), 'utf8'))
    // Examples in docstrings may show packages of any floor together.
    .map((text) => text.replace(/\/\*\*[\s\S]*?\*\//g, ''));

const importsOf = (name: string): readonly string[] => [
  ...new Set(
    sourcesOf(name).flatMap((text) =>
      [...text.matchAll(/'@steppe\/([\w-]+)/g)].map(([, imported]) => imported as string),
    ),
  ),
];

const all = [...readdirSync(join(root, 'packages')), ...readdirSync(join(root, 'apps'))];

describe('the architecture', () => {
  test('gives every package a floor', () => {
    expect(all.filter((name) => FLOORS[name] === undefined)).toEqual([]);
  });

  test.each(all)('%s imports only from lower floors', (name) => {
    expect(importsOf(name).filter((imported) => !((FLOORS[imported] ?? 99) < (FLOORS[name] ?? 0)))).toEqual([]);
  });

  test.each(all)('%s declares what it imports, and nothing else of ours', (name) => {
    const { dependencies = {}, optionalDependencies = {} } = manifestOf(name);
    const declared = Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((dependency) => dependency.startsWith('@steppe/') && !dependency.startsWith('@steppe/native-'))
      .map((dependency) => dependency.slice('@steppe/'.length));
    expect(declared.sort()).toEqual([...importsOf(name)].sort());
  });

  test.each(all)('%s never has a package of ours as a peer, which would make every release a major one', (name) => {
    const peers = Object.keys(manifestOf(name).peerDependencies ?? {});
    expect(peers.filter((peer) => peer.startsWith('@steppe/'))).toEqual([]);
  });

  test.each(all)('%s references the projects that it depends on, so that tsc -b builds them first', (name) => {
    const { references = [] } = JSON.parse(readFileSync(join(folderOf(name), 'tsconfig.json'), 'utf8')) as {
      references?: readonly { readonly path: string }[];
    };
    const referenced = references.map(({ path }) => path.replace(/^.*\//, '')).sort();
    expect(referenced).toEqual([...importsOf(name)].sort());
  });

  test('only the package kernels spells the name of a kernel that is ours', () => {
    const spelled = all.flatMap((name) => sourcesOf(name).flatMap((text) => text.match(/(['"`])Steppe\w*\1/g) ?? []));
    const named = sourcesOf('kernels').flatMap((text) => text.match(/'Steppe\w*'/g) ?? []);
    expect(named.length).toBeGreaterThan(0);
    expect(spelled.sort()).toEqual(named.sort());
  });

  test.each(all)('%s has a README and a licence', (name) => {
    expect(['README.md', 'LICENSE'].filter((file) => !existsSync(join(folderOf(name), file)))).toEqual([]);
  });
});
