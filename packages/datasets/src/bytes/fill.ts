import { refusal } from '@steppe/check';
import type { ByteImage } from '../image.ts';

/** The byte of each channel where an image shows nothing. */
export type Fill = readonly number[];

const isByte = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 256;

/** Refuses what is neither a byte nor a list of them. */
export function checkFill(name: string, fill: unknown): void {
  if (!(Array.isArray(fill) ? fill.length > 0 && fill.every(isByte) : isByte(fill)))
    throw refusal(name, 'a byte, 0 to 255, or a list of one for each channel', fill);
}

/** One byte for each channel of an image. */
export function fillOf(fill: number | Fill, { shape: [, , channels] }: ByteImage): Fill {
  if (typeof fill === 'number') return Array.from({ length: channels }, () => fill);
  if (fill.length !== channels)
    throw new Error(`fill needs a byte for each channel, got ${fill.length} for images of ${channels}.`);
  return fill;
}
