import { looksLike } from '@steppe/check';

const ofTorch =
  "in Python, safetensors.torch.save_file(model.state_dict(), 'weights.safetensors') makes one of the weights in it";

/** What people hand over in the place of safetensors, by how it begins: what it is and what to do. */
const beginnings: { readonly [begin: string]: readonly [is: string, remedy: string] } = {
  PK: ['an archive, as torch.save writes it', ofTorch],
  '\x80': ['a Python pickle, as torch.save wrote it before 1.6', ofTorch],
  '\x89HDF': ['an HDF5 file, as Keras writes it', 'give weights of timm or torchvision'],
  GGUF: ['a GGUF file of a language model', 'give weights of an image classifier'],
  'version https://git-lfs': ['a pointer of Git LFS to the file', 'git lfs pull fetches the file itself'],
};

/** Says of a file of weights that is no safetensors file what it is and what to do; undefined where nobody knows. */
export function foreignWeights(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 32)).toString('latin1');
  const found = Object.entries(beginnings).find(([begin]) => start.startsWith(begin))?.[1];
  if (found !== undefined) return `is ${found[0]}, not a safetensors file: ${found[1]}.`;
  const [hasHeader, looks] = [bytes[8] === 0x7b, looksLike(bytes)];
  return hasHeader || looks === undefined ? undefined : `is ${looks}, not a safetensors file.`;
}
