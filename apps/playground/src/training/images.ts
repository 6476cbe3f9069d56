import { fromIdx, type Split } from '@steppe/datasets';

/** The images of the page, on the host. */
export type Images = { readonly train: Split; readonly test: Split };

async function unpacked(folder: string, name: string): Promise<Uint8Array> {
  const url = new URL(`images/${name}.bin`, folder);
  const answer = await fetch(url);
  if (!answer.ok || !answer.body)
    throw new Error(
      `The images are not served: ${url.pathname} answers ${answer.status}. Copy the whole folder that the build made.`,
    );
  const plain = answer.body.pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(plain).arrayBuffer());
}

/**
 * Downloads the images that lie beside the page.
 *
 * @param folder - The page's address.
 * @throws When they are not served or damaged.
 */
export async function loadImages(folder: string): Promise<Images> {
  const split = async (name: string): Promise<Split> =>
    fromIdx(await unpacked(folder, `${name}-images`), await unpacked(folder, `${name}-labels`));
  const [train, test] = await Promise.all([split('train'), split('test')]);
  return { train, test };
}
