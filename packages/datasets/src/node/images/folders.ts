import { basename, resolve } from 'node:path';
import { FileError } from '@steppe/files';
import { type LabelledFile, type Listing, noteOf } from './listing.ts';
import { foldersOf, type Walk, walkFolder } from './walk.ts';

/** Names that folders of held-out images go by, in the order of preference. */
const heldOutNames = ['val', 'valid', 'validation', 'test'] as const;

type Half = { readonly walk: Walk; readonly folders: readonly string[] };

/** The class of an image: the folder in the half's folder in which it lies, at whatever depth. */
const classOf = (name: string, half: string): string => {
  const inside = half === '' ? name : name.slice(half.length + 1);
  const end = inside.indexOf('/');
  return end === -1 ? '' : inside.slice(0, end);
};

async function lookInto(root: string, half: string): Promise<Half> {
  return { walk: await walkFolder(root, half), folders: await foldersOf(resolve(root, half)) };
}

function labelled({ walk }: Half, half: string, classes: readonly string[]): readonly LabelledFile[] {
  const numbers = new Map(classes.map((name, i) => [name, i]));
  return walk.images.flatMap((file) => {
    const label = numbers.get(classOf(file.name, half));
    return label === undefined ? [] : [{ file, label }];
  });
}

function notesOf({ walk }: Half, half: string): readonly string[] {
  const loose = walk.images.filter(({ name }) => classOf(name, half) === '').map(({ name }) => name);
  return [
    ...noteOf(walk.others, (names) => `Left out, since they are no images that are read here: ${names}.`),
    ...noteOf(walk.links, (names) => `Links that lead to nothing or back to a folder above them: ${names}.`),
    ...noteOf(loose, (names) => `Left out, since they lie in no folder of a class: ${names}.`),
    ...(walk.hidden > 0 ? [`Left out: ${walk.hidden} hidden files or folders.`] : []),
  ];
}

/** Refuses folders of which no network could learn, and says what was looked for. */
function checkClasses(root: string, { walk, folders }: Half, half: string, classes: readonly string[]): void {
  const place = half === '' ? root : resolve(root, half);
  if (classes.length >= 2) return;
  const found = folders.length === 0 ? `${walk.images.length} images and no folders` : `${folders.length} folders`;
  throw new FileError(
    place,
    `needs a folder of images for each of 2 classes or more (CLASS/*.jpg), got ${found}, of which ${classes.length} with images.`,
  );
}

/** Refuses classes to be evaluated on that there is no image to learn from. */
function checkSameClasses(root: string, classes: readonly string[], held: string, found: readonly string[]): void {
  const strange = found.find((name) => !classes.includes(name));
  if (strange === undefined) return;
  throw new FileError(resolve(root, held), `holds the class ${strange}, of which train holds no image.`);
}

/**
 * Lists a folder of images: `train/CLASS/*` with `val/CLASS/*` (or `valid`, `validation`, `test`), or folders of classes
 * alone.
 *
 * @param heldOut - The folder of held-out images, where there is more than one.
 * @throws When there are fewer than two classes with images, or the held-out images are of other classes.
 */
export async function listFolders(folder: string, heldOut?: string): Promise<Listing> {
  const root = resolve(folder);
  const top = await foldersOf(root);
  const half = top.includes('train') ? 'train' : '';
  const train = await lookInto(root, half);
  const withImages = new Set(train.walk.images.map(({ name }) => classOf(name, half)));
  const classes = train.folders.filter((name) => withImages.has(name));
  checkClasses(root, train, half, classes);
  const empty = train.folders.filter((name) => !withImages.has(name));
  const notes = [
    ...noteOf(empty, (names) => `Classes without an image, which are left out: ${names}.`),
    ...notesOf(train, half),
  ];
  const common = { name: basename(root), root, classes, train: labelled(train, half, classes) };
  const there = heldOutNames.filter((name) => top.includes(name));
  const held = heldOut ?? (half === '' ? undefined : there[0]);
  if (heldOut !== undefined && !top.includes(heldOut))
    throw new FileError(root, `has no folder ${heldOut} of held-out images: it has ${top.join(', ')}.`);
  if (held === undefined) return { ...common, test: undefined, notes };
  const test = await lookInto(root, held);
  checkSameClasses(
    root,
    classes,
    held,
    [...new Set(test.walk.images.map(({ name }) => classOf(name, held)))].filter(Boolean),
  );
  const files = labelled(test, held, classes);
  if (files.length === 0) throw new FileError(resolve(root, held), 'holds no images in folders of classes.');
  const present = new Set(files.map(({ label }) => label));
  const unseen = classes.filter((_, label) => !present.has(label));
  return {
    ...common,
    test: files,
    notes: [
      ...notes,
      ...notesOf(test, held),
      ...noteOf(unseen, (names) => `Classes without a held-out image: ${names}.`),
      ...noteOf(
        heldOut === undefined ? there.slice(1) : [],
        (names) => `Held-out images are those of ${held}; not read: ${names}.`,
      ),
    ],
  };
}
