/* What is done to one run of a leaf, alone or in a sweep. */
#ifndef STEPPE_TREE_LOOPS_H
#define STEPPE_TREE_LOOPS_H

#include <math.h>

#include "vector/vec.h"

/* y = factor * a. */
static inline void scale_run(const float *a, float *y, long n, double factor) {
  /* Half the work where the factor is an ordinary float. */
  const float single = fabs(factor) > 1e-30 && fabs(factor) < 1e30 ? (float)factor : 0;
  if (single) INDEPENDENT for (long i = 0; i < n; i++) y[i] = a[i] * single;
  else INDEPENDENT for (long i = 0; i < n; i++) y[i] = (float)(a[i] * factor);
}

/* y = a + factor * b. */
static inline void add_scaled_run(const float *a, const float *b, float *y, long n, float factor) {
  INDEPENDENT for (long i = 0; i < n; i++) y[i] = a[i] + factor * b[i];
}

#endif
