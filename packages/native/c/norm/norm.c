/* The normalization of channels with given statistics. */
#include <math.h>
#include <stdlib.h>

#include "runtime/check.h"
#include "steppe.h"
#include "vector/vec.h"

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
