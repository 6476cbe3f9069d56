import { leaves, type Tree } from '@steppe/tree';
import { type Law, law } from './law.ts';
import { gradient } from './problem.ts';
import { expectSame, plain, type Seen } from './seen.ts';

const shapes = (tree: Tree): Seen => leaves(tree).map(({ path, leaf }) => `"${path}" ${leaf.dtype} [${leaf.shape}]`);

/** Structure: gradients pair up with parameters, whatever tree they are. */
export const keepsStructure: Law = law(
  'gives gradients with the structure of the parameters',
  async ({ link, params, batch }) => {
    const [{ grads, value }] = link.update(gradient, link.init(params), params, batch);
    expectSame('a gradient', shapes(grads), shapes(params));
    expectSame('the plain data of the gradients', [plain(grads)], [plain(params)]);
    expectSame('the value', shapes(value), ['"" float32 []']);
  },
);
