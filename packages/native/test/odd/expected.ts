/** Calls that native answers otherwise than the CPU backend, and why. */
export const exceptions: readonly { readonly name: RegExp; readonly why: string }[] = [
  {
    name: /^Abs x=i\[8\]=2147483647/,
    why: 'the CPU backend takes |x| of int32 in float32, which has 24 bits for a number',
  },
];
