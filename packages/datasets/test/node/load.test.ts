import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../src/index.ts';
import { sha256 } from '../../src/node/content.ts';
import { type DatasetName, datasetNames, loadDataset } from '../../src/node/index.ts';
import { loadRecipe } from '../../src/node/load.ts';
import { fashionMnist } from '../../src/node/mnist.ts';
import type { SourceOptions } from '../../src/node/obtain.ts';
import type { Recipe } from '../../src/node/recipe.ts';
import { idxFile } from '../files.ts';
import { emptyFolder } from './folder.ts';
import { installed, officialBytes, whenInstalled } from './official.ts';
import { sendFile, serve } from './server.ts';

const contents = new Map([
  ['train-images-idx3-ubyte.gz', idxFile([20, 28, 28], new Uint8Array(20 * 784).fill(5))],
  [
    'train-labels-idx1-ubyte.gz',
    idxFile(
      [20],
      Uint8Array.from({ length: 20 }, (_, i) => i % 10),
    ),
  ],
  ['t10k-images-idx3-ubyte.gz', idxFile([10, 28, 28], new Uint8Array(10 * 784).fill(7))],
  [
    't10k-labels-idx1-ubyte.gz',
    idxFile(
      [10],
      Uint8Array.from({ length: 10 }, (_, i) => i),
    ),
  ],
]);
const packed = new Map([...contents].map(([name, bytes]) => [name, new Uint8Array(gzipSync(bytes))]));

/** Fashion-MNIST in small: the same code with other files, in a server, a system folder and a cache of the test's
 * own. */
async function setUp() {
  const root = await emptyFolder();
  const server = await serve((request, response) => {
    const bytes = packed.get(request.url?.slice(1) ?? '');
    if (bytes === undefined) response.writeHead(404).end();
    else sendFile(bytes, request, response);
  });
  const recipe: Recipe = {
    ...fashionMnist,
    files: [...packed].map(([name, bytes]) => ({
      name,
      urls: [`${server.url}${name}`],
      bytes: bytes.length,
      sha256: sha256(bytes),
      unpacked: { bytes: contents.get(name)!.length, sha256: sha256(contents.get(name)!) },
    })),
    system: { folder: join(root, 'system'), install: 'apt-get install it' },
  };
  const cache = join(root, 'cache', 'fashion-mnist');
  const fill = async (folder: string, edit = (bytes: Uint8Array) => bytes): Promise<void> => {
    await mkdir(folder, { recursive: true });
    for (const [name, bytes] of packed) await writeFile(join(folder, name), edit(bytes));
  };
  const load = (options: SourceOptions = {}) =>
    loadRecipe(recipe, { folder: join(root, 'cache'), backoff: 1, ...options });
  return { root, server, cache, system: join(root, 'system'), fill, load, recipe };
}

const sourceOf = (loaded: Dataset | { readonly why: string }): string =>
  'why' in loaded ? `none: ${loaded.why}` : loaded.source;

describe('A dataset comes', () => {
  test('from the cache first, without a request', async () => {
    const { load, fill, cache, system, server } = await setUp();
    await fill(cache);
    await fill(system);
    const loaded = await load({ download: true });
    expect(sourceOf(loaded)).toBe(`the cache ${cache}, verified by SHA-256`);
    expect(loaded).toMatchObject({ name: 'fashion-mnist', shape: [28, 28, 1] });
    if ('why' in loaded) return;
    expect([loaded.train.labels.length, loaded.test.labels.length]).toEqual([20, 10]);
    expect([loaded.train.images[0], loaded.test.images[0]]).toEqual([5, 7]);
    expect(server.ranges).toEqual([]);
  });

  test("then from the system's copy, which may be packed in another way", async () => {
    const { load, fill, cache, system, server } = await setUp();
    await fill(system, (bytes) => bytes.map((byte, i) => (i === 9 ? 3 - byte : byte))); // byte 9 names the operating system
    expect(sourceOf(await load({ download: true }))).toBe(
      `the system's copy ${system}, verified by SHA-256 (nothing in ${cache})`,
    );
    expect(server.ranges).toEqual([]);
  });

  test('then, only when asked, from the network, and from then on from the cache', async () => {
    const { load, cache, system, server } = await setUp();
    expect(sourceOf(await load())).toBe(`none: nothing in ${cache}, nothing in ${system} (apt-get install it)`);
    expect(server.ranges).toEqual([]);
    const files: string[] = [];
    expect(sourceOf(await load({ download: true, onProgress: ({ file }) => files.push(file) }))).toBe(
      `downloaded to ${cache}, verified by SHA-256`,
    );
    expect(new Set(files)).toEqual(new Set(packed.keys()));
    expect((await readdir(cache)).sort()).toEqual([...packed.keys()].sort());
    expect(sourceOf(await load())).toBe(`the cache ${cache}, verified by SHA-256`);
    expect(server.ranges).toHaveLength(4);
  });

  test('with only what is missing downloaded', async () => {
    const { load, fill, cache, server } = await setUp();
    await fill(cache);
    await writeFile(join(cache, 't10k-labels-idx1-ubyte.gz'), 'rotten');
    await load({ download: true });
    expect(server.ranges).toHaveLength(1);
    expect(sourceOf(await load())).toContain('the cache');
  });

  test('never from a damaged cache: the file is named and the run stops, also when there is another source', async () => {
    const { load, fill, cache, system } = await setUp();
    await fill(cache);
    await fill(system);
    const path = join(cache, 'train-images-idx3-ubyte.gz');
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
    await expect(load()).rejects.toThrow(
      /^A file of fashion-mnist is damaged: .*train-images-idx3-ubyte\.gz has .* Delete it or allow/,
    );
    expect(await readFile(path)).toEqual(bytes);
  });

  test('from files that somebody unpacked, or packed, if they are the same inside', async () => {
    const { load, fill, cache, recipe } = await setUp();
    await fill(cache);
    for (const [name, bytes] of contents) {
      await rm(join(cache, name));
      await writeFile(join(cache, name.replace('.gz', '')), bytes);
    }
    expect(sourceOf(await load())).toContain('the cache');
    const plain: Recipe = {
      ...recipe,
      name: 'plain',
      read: (contentOf) => recipe.read((name) => contentOf(name.replace('.gz', ''))),
      files: recipe.files.map(({ name, urls, unpacked }) => ({
        name: name.replace('.gz', ''),
        urls,
        bytes: unpacked!.bytes,
        sha256: unpacked!.sha256!,
      })),
    };
    await mkdir(join(cache, '../plain'));
    for (const [name, bytes] of contents) await writeFile(join(cache, '../plain', name), gzipSync(bytes, { level: 1 }));
    const folder = join(cache, '..');
    expect(sourceOf(await loadRecipe(plain, { folder }))).toContain('the cache');
    await writeFile(join(folder, 'plain', 't10k-labels-idx1-ubyte.gz'), gzipSync(Buffer.from('others')));
    await expect(loadRecipe(plain, { folder })).rejects.toThrow(
      /A file of plain is damaged: .*t10k-labels-idx1-ubyte\.gz has .* expected a gzip of 18 bytes with \w{64}/,
    );
  });

  test("never from a damaged system's copy, which is passed over by name", async () => {
    const { load, fill, system } = await setUp();
    await fill(system, () => Buffer.from('rotten'));
    expect(sourceOf(await load())).toMatch(/^none: .*system\/train-images-idx3-ubyte\.gz has 6 bytes/);
  });

  test('never in silence: a download that was asked for and fails is an error', async () => {
    const { root } = await setUp();
    const { url } = await serve((_, response) => response.writeHead(404).end());
    const recipe: Recipe = {
      name: fashionMnist.name,
      classes: fashionMnist.classes,
      read: fashionMnist.read,
      files: fashionMnist.files.map((file) => ({ ...file, urls: [url] })),
    };
    await expect(loadRecipe(recipe, { folder: root, download: true })).rejects.toThrow('answered 404');
  });

  test('whole when several loads fill one cache at once', async () => {
    const { load, cache } = await setUp();
    const loaded = await Promise.all(Array.from({ length: 6 }, () => load({ download: true })));
    for (const dataset of loaded) expect(sourceOf(dataset)).toContain(cache);
    expect((await readdir(cache)).sort()).toEqual([...packed.keys()].sort());
  });

  test('with an error that names it when its files do not make sense', async () => {
    const { root, load, fill, cache } = await setUp();
    await fill(cache);
    const broken: Recipe = { ...fashionMnist, files: [], read: () => fashionMnist.read(() => Buffer.from('<html>')) };
    await expect(loadRecipe(broken, { folder: root })).rejects.toThrow('fashion-mnist cannot be read: Not an idx file');
    expect(sourceOf(await load())).toContain('the cache');
  });
});

describe('loadDataset', () => {
  test.each(['mnist', 'kmnist', 'qmnist', 'cifar10', 'cifar100', 'svhn'] as const)(
    'says for %s what to put where, and how to allow the download',
    async (name) => {
      const folder = await emptyFolder();
      await expect(loadDataset(name, { folder })).rejects.toThrow(
        new RegExp(
          `^${name} is not on this machine \\(nothing in ${folder}/${name}\\): allow its download \\(download: true\\) or put into ${folder}/${name}:\n  https?://\\S+ .*[\\d,]+ bytes, SHA-256 \\w{64}\\)`,
        ),
      );
      expect(await readdir(folder)).toEqual([]);
    },
  );

  test('refuses SVHN that another program saved again in the place of the published file, with what reads it', async () => {
    const folder = await emptyFolder();
    await mkdir(join(folder, 'svhn'));
    const again = new URL('../fixtures/float-images.mat', import.meta.url);
    await writeFile(join(folder, 'svhn', 'train_32x32.mat'), await readFile(again));
    await expect(loadDataset('svhn', { folder })).rejects.toThrow(
      /^A file of svhn is damaged: .*train_32x32\.mat has [^\n]* parseSvhn reads it\.$/,
    );
  });

  test('refuses a file, a device or a FIFO in the place of its folder at once', async () => {
    const file = join(await emptyFolder(), 'FIFO');
    execFileSync('mkfifo', [file]);
    for (const folder of [file, '/dev/null'])
      await expect(loadDataset('mnist', { folder, download: true })).rejects.toThrow(
        `${folder} must be a folder to keep datasets in, and is none.`,
      );
  });

  test('refuses a name that it does not know', async () => {
    await expect(loadDataset('imagenet' as DatasetName)).rejects.toThrow(
      'No dataset "imagenet": there are fashion-mnist, ',
    );
    await expect(loadDataset('constructor' as DatasetName)).rejects.toThrow('No dataset');
    expect(new Set(datasetNames).size).toBe(15);
  });

  test('gives all of Fashion-MNIST by that name or nothing, with the subset to take by its own name', async () => {
    const folder = await emptyFolder();
    if (installed) {
      const { name, source, train, test: held } = await loadDataset('fashion-mnist', { folder });
      expect([name, train.labels.length, held.labels.length]).toEqual(['fashion-mnist', 60_000, 10_000]);
      expect(source).toContain("the system's copy /usr/share/datasets/fashion-mnist");
    } else
      await expect(loadDataset('fashion-mnist', { folder })).rejects.toThrow(
        /^fashion-mnist is not on this machine \(nothing in .* \(apt-get install .*\)\): take fashion-mnist-mini, the .* allow its download .*:\n/,
      );
  });

  test('takes for "auto" all of Fashion-MNIST or else the subset, and calls it by its name', async () => {
    const { name, source, train } = await loadDataset('auto', { folder: await emptyFolder() });
    if (installed) expect([name, train.labels.length]).toEqual(['fashion-mnist', 60_000]);
    else {
      expect([name, train.labels.length]).toEqual(['fashion-mnist-mini', 5000]);
      expect(source).toMatch(/^the shipped subset fashion-mnist-mini, .*\(nothing in .*, no download allowed\)$/);
    }
  });

  whenInstalled('downloads the official files of Fashion-MNIST with their published SHA-256', async () => {
    const { url } = await serve((request, response) =>
      sendFile(officialBytes(request.url!.slice(1)), request, response),
    );
    const files = fashionMnist.files.map((file) => ({ ...file, urls: [`${url}${file.name}`] }));
    const { name, classes, read } = fashionMnist;
    const folder = await emptyFolder();
    const loaded = await loadRecipe({ name, classes, read, files }, { folder, download: true });
    expect(sourceOf(loaded)).toBe(`downloaded to ${join(folder, name)}, verified by SHA-256`);
  });
});
