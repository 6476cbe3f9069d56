/* Softmax of rows and the normalization of channels. */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "steppe.h"
#include "vec.h"
#include "vmath.h"

typedef struct {
  const float *x;
  float *y;
  long n;
} softmax_context;

/* Lane l of the result is lane l ^ bit of v: what is added to it so, for every bit, is in all lanes. */
static inline vf swap(vf v, int bit) {
  vf swapped;
  UNROLL for (int l = 0; l < VL; l++) swapped[l] = v[l ^ bit];
  return swapped;
}

/* The greatest element; NaN if there is one. */
static float greatest(const float *x, long n) {
  float top = -INFINITY;
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

static float total(const float *x, long n) {
  float sum = 0;
  long i = 0;
  if (n >= VL) {
    vf sums = load(x);
    for (i = VL; i + VL <= n; i += VL) sums += load(x + i);
    UNROLL for (int bit = VL / 2; bit > 0; bit /= 2) sums += swap(sums, bit);
    sum = sums[0];
  }
  for (; i < n; i++) sum += x[i];
  return sum;
}

static void softmax_task(void *context, long begin, long end) {
  const softmax_context *c = context;
  for (long r = begin; r < end; r++) {
    const float *x = c->x + r * c->n;
    float *y = c->y + r * c->n;
    const float top = greatest(x, c->n);
    INDEPENDENT for (long i = 0; i < c->n; i++) y[i] = vexp(x[i] - top);
    const float share = 1.0f / total(y, c->n);
    INDEPENDENT for (long i = 0; i < c->n; i++) y[i] *= share;
  }
}

int steppe_softmax(const float *x, float *y, long rows, long n) {
  REQUIRE(FITS(rows, n));
  if (!rows || !n) return STEPPE_OK;
  REQUIRE(THERE(x, y));
  softmax_context context = {x, y, n};
  steppe_parallel(rows, GRAIN / 8 / (n + 1) + 1, softmax_task, &context);
  return STEPPE_OK;
}

/* x and the mean may both be large and near: the mean is taken off first. */
typedef struct {
  const float *x, *mean, *factor, *offset;
  float *y;
  long channels;
} affine_context;

static void affine_task(void *context, long begin, long end) {
  const affine_context *c = context;
  for (long r = begin; r < end; r++) {
    const float *x = c->x + r * c->channels;
    float *y = c->y + r * c->channels;
    INDEPENDENT for (long i = 0; i < c->channels; i++) y[i] = (x[i] - c->mean[i]) * c->factor[i] + c->offset[i];
  }
}

int steppe_batch_norm(const float *x, const float *mean, const float *variance, const float *offset, const float *scale,
                      float *y, long rows, long channels, double epsilon) {
  REQUIRE(FITS(rows, channels));
  if (!rows || !channels) return STEPPE_OK;
  REQUIRE(THERE(x, mean, variance, y));
  float *terms = malloc(2 * channels * sizeof(float));
  if (!terms) return STEPPE_OUT_OF_MEMORY;
  for (long i = 0; i < channels; i++) {
    double factor = (scale ? scale[i] : 1.0) / sqrt((double)variance[i] + epsilon);
    terms[i] = (float)factor;
    terms[channels + i] = offset ? offset[i] : 0.0f;
  }
  affine_context context = {x, mean, terms, terms + channels, y, channels};
  steppe_parallel(rows, GRAIN / (channels + 1) + 1, affine_task, &context);
  free(terms);
  return STEPPE_OK;
}
