/** Calls that native answers otherwise than the CPU backend, by their names, and why. */
export const exceptions = [
  { name: /^Abs x=i\[8\]=2147483647/, why: 'the CPU backend takes |x| of int32 in float32, which has 24 bits for it' },
];
