/* Batch normalization with the batch's own statistics, forward and backward, each in two passes over memory. */
#include <math.h>

#include "norm/channels.h"
#include "runtime/check.h"
#include "steppe.h"
#include "vector/vec.h"

/* What is normalized is x + dy, written to ddy: sums of it, less the shift, and of its square; terms: shift. */
static void added_moments_task(void *context, long begin, long end) {
  const norm_context *c = context;
  const long step = c->width / c->channels;
  for (long block = begin; block < end; block++) {
    const long from = block * c->block_rows, to = block_end(c, block);
    _Alignas(64) float sum[WIDTH], squares[WIDTH];
    for (long j = 0; j < c->width; j++) sum[j] = squares[j] = 0;
    for (long r = from; r < to; r += step) {
      const float *a = c->x + r * c->channels, *b = c->dy + r * c->channels;
      float *added = c->ddy + r * c->channels;
      const long n = wide(c, r, to);
      INDEPENDENT for (long j = 0; j < n; j++) {
        const float x = a[j] + b[j], d = x - c->terms[j];
        added[j] = x;
        sum[j] += d;
        squares[j] += d * d;
      }
    }
    fold(c, block, 0, sum), fold(c, block, 1, squares);
  }
}

/* Sums of x - shift and of its square; terms: shift. */
static void moments_task(void *context, long begin, long end) {
  const norm_context *c = context;
  const long step = c->width / c->channels;
  for (long block = begin; block < end; block++) {
    const long from = block * c->block_rows, to = block_end(c, block);
    _Alignas(64) float sum[WIDTH], squares[WIDTH];
    for (long j = 0; j < c->width; j++) sum[j] = squares[j] = 0;
    for (long r = from; r < to; r += step) {
      const float *x = c->x + r * c->channels;
      const long n = wide(c, r, to);
      INDEPENDENT for (long j = 0; j < n; j++) {
        const float d = x[j] - c->terms[j];
        sum[j] += d;
        squares[j] += d * d;
      }
    }
    fold(c, block, 0, sum), fold(c, block, 1, squares);
  }
}

/* y = x * scale + shift, and relu; terms: scale, shift. */
static void apply_task(void *context, long begin, long end) {
  const norm_context *c = context;
  const long step = c->width / c->channels;
  const float *scale = c->terms, *shift = c->terms + c->width;
  for (long r = begin; r < end; r += step) {
    const float *x = c->x + r * c->channels;
    float *y = c->y + r * c->channels;
    const long n = wide(c, r, end);
    if (c->relu) {
      INDEPENDENT for (long j = 0; j < n; j++) {
        const float v = x[j] * scale[j] + shift[j];
        y[j] = v > 0.0f || v != v ? v : 0.0f;
      }
    } else {
      INDEPENDENT for (long j = 0; j < n; j++) y[j] = x[j] * scale[j] + shift[j];
    }
  }
}

/* Sums of dy and of dy * (x - mean), dy masked by relu; terms: scale, shift, mean. */
static void grad_sums_task(void *context, long begin, long end) {
  const norm_context *c = context;
  const long step = c->width / c->channels;
  const float *scale = c->terms, *shift = scale + c->width, *mean = shift + c->width;
  for (long block = begin; block < end; block++) {
    const long from = block * c->block_rows, to = block_end(c, block);
    _Alignas(64) float sum[WIDTH], products[WIDTH];
    for (long j = 0; j < c->width; j++) sum[j] = products[j] = 0;
    for (long r = from; r < to; r += step) {
      const float *x = c->x + r * c->channels, *dy = c->dy + r * c->channels;
      const long n = wide(c, r, to);
      if (c->relu) {
        INDEPENDENT for (long j = 0; j < n; j++) {
          const float d = x[j] * scale[j] + shift[j] > 0.0f ? dy[j] : 0.0f;
          sum[j] += d;
          products[j] += d * (x[j] - mean[j]);
        }
      } else {
        INDEPENDENT for (long j = 0; j < n; j++) {
          sum[j] += dy[j];
          products[j] += dy[j] * (x[j] - mean[j]);
        }
      }
    }
    fold(c, block, 0, sum), fold(c, block, 1, products);
  }
}

/* dx = dy * scale + (x - mean) * slope + constant, and + ddx where there is one; terms: scale, shift, mean, slope,
 * constant. */
static void grad_task(void *context, long begin, long end) {
  const norm_context *c = context;
  const long step = c->width / c->channels;
  const float *scale = c->terms, *shift = scale + c->width, *mean = shift + c->width, *slope = mean + c->width,
              *constant = slope + c->width;
  if (c->ddx) {
    for (long r = begin; r < end; r += step) {
      const float *x = c->x + r * c->channels, *dy = c->dy + r * c->channels, *other = c->ddx + r * c->channels;
      float *dx = c->y + r * c->channels;
      const long n = wide(c, r, end);
      if (c->relu) {
        INDEPENDENT for (long j = 0; j < n; j++) {
          const float d = x[j] * scale[j] + shift[j] > 0.0f ? dy[j] : 0.0f;
          dx[j] = other[j] + (d * scale[j] + ((x[j] - mean[j]) * slope[j] + constant[j]));
        }
      } else {
        INDEPENDENT for (long j = 0; j < n; j++) dx[j] =
            other[j] + (dy[j] * scale[j] + ((x[j] - mean[j]) * slope[j] + constant[j]));
      }
    }
    return;
  }
  for (long r = begin; r < end; r += step) {
    const float *x = c->x + r * c->channels, *dy = c->dy + r * c->channels;
    float *dx = c->y + r * c->channels;
    const long n = wide(c, r, end);
    if (c->relu) {
      INDEPENDENT for (long j = 0; j < n; j++) {
        const float d = x[j] * scale[j] + shift[j] > 0.0f ? dy[j] : 0.0f;
        dx[j] = d * scale[j] + ((x[j] - mean[j]) * slope[j] + constant[j]);
      }
    } else {
      INDEPENDENT for (long j = 0; j < n; j++) dx[j] = dy[j] * scale[j] + ((x[j] - mean[j]) * slope[j] + constant[j]);
    }
  }
}

/* The statistics of x, or of sum = x + residual, which is written; needs a term and two sums. */
static void take_moments(norm_context *c, const float *x, const float *residual, float *sum, float *mean,
                         float *variance) {
  /* close to the mean: squares then lose little */
  float start[WIDTH];
  c->x = x, c->dy = residual, c->ddy = sum;
  for (long j = 0; j < c->channels; j++) repeat_term(c, 0, j, start[j] = residual ? x[j] + residual[j] : x[j]);
  steppe_parallel(c->blocks, 1, residual ? added_moments_task : moments_task, c);
  for (long j = 0; j < c->channels; j++) {
    const double total = sum_of(c, 0, j), squares = sum_of(c, 1, j), shift = start[j];
    const double average = total / (double)c->rows, spread = fmax(0, squares / (double)c->rows - average * average);
    mean[j] = (float)(shift + average);
    variance[j] = (float)(squares != squares ? squares : spread);
  }
}

/* Both forward passes; without a residual, sum is x. */
static int forward(const float *x, const float *residual, float *sum, const float *scale, const float *offset, float *y,
                   float *mean, float *variance, long rows, long channels, double epsilon, int relu) {
  REQUIRE(FITS(rows, channels) && channels <= WIDTH);
  if (channels == 0) return STEPPE_OK;
  REQUIRE(THERE(scale, offset, mean, variance) && (rows == 0 || THERE(x, y)));
  for (long j = 0; rows == 0 && j < channels; j++) mean[j] = variance[j] = NAN;
  if (rows == 0) return STEPPE_OK;
  norm_context c = {.y = y, .relu = relu};
  if (!prepare(&c, rows, channels, 2, 2)) {
    release(&c);
    return STEPPE_OUT_OF_MEMORY;
  }
  take_moments(&c, x, residual, sum, mean, variance);
  for (long j = 0; j < channels; j++) {
    const double factor = scale[j] / sqrt(variance[j] + epsilon);
    repeat_term(&c, 0, j, factor);
    repeat_term(&c, 1, j, offset[j] - mean[j] * (double)(float)factor);
  }
  c.x = residual ? sum : x;
  steppe_parallel(rows, c.block_rows, apply_task, &c);
  release(&c);
  return STEPPE_OK;
}

int steppe_norm_moments(const float *a, const float *b, float *sum, float *mean, float *variance, long rows,
                        long channels) {
  REQUIRE(FITS(rows, channels) && channels <= WIDTH);
  if (channels == 0) return STEPPE_OK;
  REQUIRE(THERE(mean, variance) && (rows == 0 || (a && !b == !sum)));
  for (long j = 0; rows == 0 && j < channels; j++) mean[j] = variance[j] = NAN;
  if (rows == 0) return STEPPE_OK;
  norm_context c = {0};
  const int enough = prepare(&c, rows, channels, 1, 2);
  if (enough) take_moments(&c, a, b, sum, mean, variance);
  release(&c);
  return enough ? STEPPE_OK : STEPPE_OUT_OF_MEMORY;
}

int steppe_norm_terms(const float *mean, const float *variance, const float *scale, const float *offset, float *factor,
                      float *shift, long channels, double epsilon) {
  REQUIRE(FITS(channels));
  REQUIRE(channels == 0 || THERE(mean, variance, scale, offset, factor, shift));
  for (long j = 0; j < channels; j++) {
    factor[j] = (float)(scale[j] / sqrt(variance[j] + epsilon));
    shift[j] = (float)(offset[j] - mean[j] * (double)factor[j]);
  }
  return STEPPE_OK;
}

int steppe_norm_train(const float *x, const float *scale, const float *offset, float *y, float *mean, float *variance,
                      long rows, long channels, double epsilon, int relu) {
  return forward(x, NULL, NULL, scale, offset, y, mean, variance, rows, channels, epsilon, relu);
}

int steppe_norm_train_add(const float *a, const float *b, float *sum, const float *scale, const float *offset, float *y,
                          float *mean, float *variance, long rows, long channels, double epsilon, int relu) {
  REQUIRE(rows == 0 || channels == 0 || THERE(b, sum));
  return forward(a, b, sum, scale, offset, y, mean, variance, rows, channels, epsilon, relu);
}

/* Both backward passes; other may be null. */
static int backward(const float *x, const float *dy, const float *mean, const float *variance, const float *scale,
                    const float *offset, const float *other, float *dx, float *dscale, float *doffset, long rows,
                    long channels, double epsilon, int relu) {
  REQUIRE(FITS(rows, channels) && channels <= WIDTH);
  if (channels == 0) return STEPPE_OK;
  REQUIRE(THERE(mean, variance, scale, offset, dscale, doffset) && (rows == 0 || THERE(x, dy, dx)));
  for (long j = 0; j < channels; j++) dscale[j] = doffset[j] = 0;
  if (rows == 0) return STEPPE_OK;
  norm_context c = {.x = x, .dy = dy, .ddx = other, .y = dx, .relu = relu};
  if (!prepare(&c, rows, channels, 5, 2)) {
    release(&c);
    return STEPPE_OUT_OF_MEMORY;
  }
  for (long j = 0; j < channels; j++) {
    const double factor = scale[j] / sqrt(variance[j] + epsilon);
    repeat_term(&c, 0, j, factor);
    repeat_term(&c, 1, j, offset[j] - mean[j] * (double)(float)factor);
    repeat_term(&c, 2, j, mean[j]);
  }
  steppe_parallel(c.blocks, 1, grad_sums_task, &c);
  for (long j = 0; j < channels; j++) {
    const double sum = sum_of(&c, 0, j), products = sum_of(&c, 1, j);
    const double inverse = 1 / sqrt(variance[j] + epsilon), factor = scale[j] * inverse;
    doffset[j] = (float)sum;
    dscale[j] = (float)(products * inverse);
    repeat_term(&c, 3, j, -factor * inverse * inverse * products / (double)rows);
    repeat_term(&c, 4, j, -factor * sum / (double)rows);
  }
  steppe_parallel(rows, c.block_rows, grad_task, &c);
  release(&c);
  return STEPPE_OK;
}

int steppe_norm_train_grad(const float *x, const float *dy, const float *mean, const float *variance,
                           const float *scale, const float *offset, float *dx, float *dscale, float *doffset, long rows,
                           long channels, double epsilon, int relu) {
  return backward(x, dy, mean, variance, scale, offset, NULL, dx, dscale, doffset, rows, channels, epsilon, relu);
}

int steppe_norm_train_grad_add(const float *x, const float *dy, const float *mean, const float *variance,
                               const float *scale, const float *offset, const float *other, float *dx, float *dscale,
                               float *doffset, long rows, long channels, double epsilon, int relu) {
  REQUIRE(rows == 0 || channels == 0 || other);
  return backward(x, dy, mean, variance, scale, offset, other, dx, dscale, doffset, rows, channels, epsilon, relu);
}
