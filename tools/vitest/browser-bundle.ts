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
