import { shown } from '@steppe/check';
import { dispose, pure, type Tree } from '@steppe/tree';
import { Tensor } from '@tensorflow/tfjs-core';
import type { GradientTransformation } from '../contract.ts';
import { checkLink } from './check-link.ts';
import { textOf } from './text-of.ts';

type Link = GradientTransformation<Tree, never>;
type Nodes = { readonly [key: string]: Tree };

/** A tree with words for its leaves. */
type Outline = string | readonly Outline[] | { readonly [key: string]: Outline };

const NOTHING = 'nothing';

const isNode = (tree: Tree): tree is Nodes => Object(tree) === tree && !(tree instanceof Tensor);

function kindOf(tree: Tree): string {
  if (tree instanceof Tensor) return `${tree.dtype} [${tree.shape}]`;
  return tree === null || tree === undefined ? NOTHING : `a ${typeof tree}`;
}

function outline(tree: Tree): Outline {
  if (!isNode(tree)) return kindOf(tree);
  if (Array.isArray(tree)) return tree.map(outline);
  return Object.fromEntries(Object.entries(tree).map(([key, child]) => [key, outline(child)]));
}

type Difference = { readonly path: string; readonly is: string; readonly expected: string };

const access = (key: string, isList: boolean): string =>
  isList ? `[${key}]` : /^[\w$]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;

/** What differs first; the path is written on the way back, since every step of a training comes here. */
function difference(expected: Outline, got: Tree): Difference | undefined {
  const isList = Array.isArray(expected);
  const isLeaf = typeof expected === 'string' || !isNode(got) || isList !== Array.isArray(got);
  if (isLeaf || (isList && expected.length !== got.length)) {
    const is = isNode(got) ? shown(got) : kindOf(got);
    return is === expected
      ? undefined
      : { path: '', is, expected: typeof expected === 'string' ? expected : shown(expected) };
  }
  const within = (key: string, of: Outline): Difference | undefined => {
    const found = difference(of, Object.hasOwn(got, key) ? got[key] : null);
    return found && { ...found, path: access(key, isList) + found.path };
  };
  const nodes = expected as { readonly [key: string]: Outline };
  for (const key of Object.keys(nodes)) {
    const found = within(key, nodes[key] as Outline);
    if (found) return found;
  }
  for (const key of Object.keys(got)) {
    const found = Object.hasOwn(nodes, key) ? undefined : within(key, NOTHING);
    if (found) return found;
  }
  return undefined;
}

const isLink = (value: object): value is Link => 'init' in value && 'update' in value;

/** Whether a link is made of links of this package alone, all of whose states keep their outline. */
function isOurs(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Tensor) return true;
  if (isLink(value)) return value.made?.args.every(isOurs) ?? false;
  return Object.values(value).every(isOurs);
}

function checkLinkState(link: Link, expected: Outline, state: Tree, path: string, whole: Link): void {
  const { name, args } = link.made ?? { name: '', args: [] };
  const isChain = name === 'chain' && Array.isArray(expected) && expected.length === args.length;
  if (isChain && Array.isArray(state) && state.length === args.length) {
    for (const [i, inner] of args.entries())
      checkLinkState(inner as Link, expected[i] as Outline, state[i], `${path}[${i}]`, whole);
    return;
  }
  const found = isChain || isOurs(link) ? difference(expected, state) : undefined;
  if (found === undefined) return;
  const of = link === whole ? textOf(link) : `${isChain ? textOf(link) : name} in ${textOf(whole)}`;
  const where = path + found.path;
  throw new Error(
    `The state of ${of} does not fit: ${where ? `"${where}"` : 'it'} is ${found.is}, expected ${found.expected}. Start with init(params), or rebuild the chain that made this state.`,
  );
}

/** The outlines of the parameters that a transformation had last, and of its state for them. */
const lately = new WeakMap<Link, { readonly params: Outline; readonly state: Outline }>();

/** The outline of `init(params)`, which is made once as long as the parameters have the same one. */
function outlineOfState(optimizer: Link, params: Tree): Outline {
  const known = lately.get(optimizer);
  if (known && !difference(known.params, params)) return known.state;
  // A link of one's own may give the parameters themselves.
  const state = pure(() => optimizer.init(params));
  try {
    const made = { params: outline(params), state: outline(state) };
    lately.set(optimizer, made);
    return made.state;
  } finally {
    dispose(state);
  }
}

/**
 * Refuses a state that is not one of a transformation for some parameters, such as that of another chain or of weights
 * of other shapes.
 *
 * Paths, types and shapes are compared with those of `init(params)`, not values: a chain that is made anew with another
 * rate or ρ goes on with the state. A second call for alike parameters costs a walk over the trees: `trainStep` of
 * `@steppe/train` makes it at every step. What links of your own keep is theirs, and passes.
 *
 * @throws When the state does not fit, with the link and what differs.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { checkState, momentum } from '@steppe/transforms';
 *
 * const w = { kernel: tf.zeros([2, 3]) };
 * const state = momentum(0.1).init(w);
 * checkState(momentum(0.01), w, state);
 * try {
 *   checkState(momentum(0.1), { kernel: tf.zeros([2, 4]) }, state);
 * } catch (error) {
 *   console.log(String(error).split(': ')[2]?.split('. ')[0]); // => "[0].velocity.kernel" is float32 [2,3], expected float32 [2,4]
 * }
 * ```
 */
export function checkState(optimizer: Link, params: Tree, state: Tree): void {
  checkLink('optimizer', optimizer);
  checkLinkState(optimizer, outlineOfState(optimizer, params), state, '', optimizer);
}
