import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

describe('a bundle for browsers', () => {
  it('holds nothing of Node and none of the packages for it', async () => {
    const { metafile, errors } = await build({
      entryPoints: [fileURLToPath(new URL('../src/index.ts', import.meta.url))],
      bundle: true,
      format: 'esm',
      platform: 'browser',
      conditions: ['@steppe/source'],
      // An optional peer: it is installed here, but not by every user.
      external: ['@tensorflow/tfjs-backend-webgpu'],
      logLevel: 'silent',
      metafile: true,
      minify: true,
      write: false,
    });
    expect(errors).toEqual([]);
    const inputs = Object.keys(metafile.inputs).join('\n');
    expect(inputs).toContain('platform/browser.ts');
    expect(inputs).not.toContain('platform/node.ts');
    // The peer stays an import that fails where it is missing, and is caught; anything of Node would be here too.
    const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
    expect(imports).toEqual(['@tensorflow/tfjs-backend-webgpu']);
  });
});
