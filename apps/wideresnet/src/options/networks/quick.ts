import { z } from 'zod';
import type { Kind } from '../kinds.ts';
import { describe } from './entry.ts';

const list = /^\d{1,5}(,\d{1,5}){0,31}$/;

/** Widths of layers one after the other, as text; one alone may be a number. */
const widths: Kind<string | number> = {
  schema: z.union([z.string().regex(list), z.int().min(1).max(99_999)]),
  expects: 'whole numbers from 1 to 99999 with commas between them, such as 128,64',
};

const numbers = (text: string | number): readonly number[] => String(text).split(',').map(Number);

/** Convolutions, each of which halves the image: for quick work. */
export const smallCnn = describe({
  about: 'a few convolutions, for quick work',
  options: {
    widths: { value: 'list', kind: widths, fallback: '32,64,128', sizes: true, about: 'channels of its convolutions' },
  },
  title: (own) => `CNN-${String(own.widths).replaceAll(',', '-')}`,
  make: (models, own, classes) => models.smallCnn({ widths: numbers(own.widths), classes }),
  smaller: { tiny: { widths: '4,8' } },
});

/** Dense layers on all pixels: for quick work. */
export const mlp = describe({
  about: 'a multilayer perceptron on all pixels, for quick work',
  options: {
    widths: { value: 'list', kind: widths, fallback: '512,256', sizes: true, about: 'features of its layers' },
  },
  title: (own) => `MLP-${String(own.widths).replaceAll(',', '-')}`,
  make: (models, own, classes) => models.mlp({ widths: numbers(own.widths), classes }),
  smaller: { tiny: { widths: '8' } },
});
