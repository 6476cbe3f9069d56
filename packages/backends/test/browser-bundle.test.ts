import { expect, test } from 'vitest';
import { browserBundle } from '../../../tools/vitest/browser-bundle.ts';

test('a bundle for browsers holds nothing of Node and none of the packages for it', async () => {
  // An optional peer: it is installed here, but not by every user.
  const peer = '@tensorflow/tfjs-backend-webgpu';
  const { files, imports } = await browserBundle(new URL('../src/index.ts', import.meta.url), [peer]);
  expect(files.join('\n')).toContain('platform/browser.ts');
  expect(files.join('\n')).not.toContain('platform/node.ts');
  // The peer stays an import that fails where it is missing, and is caught; anything of Node would be here too.
  expect(imports).toEqual([peer]);
});
