/* Sums over a row of floats, lane by lane, so that they are vector code with the bits of one fixed order. */
#ifndef STEPPE_ROW_H
#define STEPPE_ROW_H

#include "vector/vec.h"

/* Lane l of the result is lane l ^ bit of v: what is added to it so, for every bit, is in all lanes. */
static inline vf swap(vf v, int bit) {
  vf swapped;
  UNROLL for (int l = 0; l < VL; l++) swapped[l] = v[l ^ bit];
  return swapped;
}

/* The sum of the lanes. */
static inline float lanes(vf v) {
  UNROLL for (int bit = VL / 2; bit > 0; bit /= 2) v += swap(v, bit);
  return v[0];
}

/* The greatest element; NaN if there is one. */
static inline float greatest(const float *x, long n) {
  float top = -__builtin_inff();
  long i = 0;
  if (n >= VL) {
    vf tops = load(x);
    for (i = VL; i + VL <= n; i += VL) {
      const vf v = load(x + i);
      tops = choose((v > tops) | (v != v), v, tops);
    }
    UNROLL for (int bit = VL / 2; bit > 0; bit /= 2) {
      const vf v = swap(tops, bit);
      tops = choose((v > tops) | (v != v), v, tops);
    }
    top = tops[0];
  }
  for (; i < n; i++) top = x[i] > top || x[i] != x[i] ? x[i] : top;
  return top;
}

/* The sum of a row. */
static inline float total(const float *x, long n) {
  vf sums = {0};
  long i = 0;
  for (; i + VL <= n; i += VL) sums += load(x + i);
  float sum = lanes(sums);
  for (; i < n; i++) sum += x[i];
  return sum;
}

/* The sum of a row's products with another. */
static inline float product(const float *x, const float *y, long n) {
  vf sums = {0};
  long i = 0;
  for (; i + VL <= n; i += VL) sums += load(x + i) * load(y + i);
  float sum = lanes(sums);
  for (; i < n; i++) sum += x[i] * y[i];
  return sum;
}

#endif
