import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What a bundle is made of. */
export type Bundle = {
  readonly code: string;
  /** The files that are in it. */
  readonly files: readonly string[];
  /** What it still imports when it runs. */
  readonly imports: readonly string[];
};

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Bundles a module for browsers from the sources of our packages, as a user's bundler would.
 *
 * @param entry - Its file, or its code.
 * @param external - Packages that stay imports.
 * @throws Where it needs something of Node.
 */
export async function browserBundle(entry: URL | string, external: string[] = []): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    ...(typeof entry === 'string'
      ? { stdin: { contents: entry, resolveDir: root } }
      : { entryPoints: [fileURLToPath(entry)] }),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@steppe/source'],
    external,
    logLevel: 'silent',
    metafile: true,
    minify: true,
    write: false,
  });
  return {
    code: outputFiles.map(({ text }) => text).join(''),
    files: Object.keys(metafile.inputs),
    imports: Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path)),
  };
}

/**
 * Bundles some exports of a package at once, each of the lists alone, which costs far less than one after another.
 *
 * @returns Their codes, in the order of the lists.
 */
export async function browserBundles(
  from: string,
  lists: readonly (readonly string[])[],
  external: string[] = [],
): Promise<readonly string[]> {
  const { outputFiles } = await build({
    entryPoints: lists.map((_, i) => ({ in: `list:${i}`, out: String(i) })),
    plugins: [
      {
        name: 'lists',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^list:/ }, ({ path }) => ({ path, namespace: 'list' }));
          onLoad({ filter: /./, namespace: 'list' }, ({ path }) => ({
            contents: `export { ${lists[Number(path.slice('list:'.length))]?.join()} } from '${from}';`,
            resolveDir: root,
          }));
        },
      },
    ],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@steppe/source'],
    external,
    logLevel: 'silent',
    minify: true,
    outdir: root,
    write: false,
  });
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path, '.js'), text]));
  return lists.map((_, i) => texts.get(String(i)) ?? '');
}
