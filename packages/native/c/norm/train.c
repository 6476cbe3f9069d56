/* Batch normalization with the batch's own statistics, forward and backward, each in two passes over memory.
 *
 * Rows are taken in blocks by shape alone. Narrow rows are read several at a time as one wide row, with the numbers of
 * each channel repeated, so that loops are long for 16 channels too. */
#include <math.h>
#include <stdlib.h>

#include "runtime/check.h"
#include "steppe.h"
#include "vector/vec.h"

#define WIDTH 4096 /* floats of a wide row at most */
#define NARROW 512 /* and of one that repeats channels */
#define BLOCK 32768

typedef struct {
  const float *x, *dy;
  float *y;
  const float *terms;                     /* per channel, each repeated to the width: see the tasks */
  double *partial;                        /* [blocks, 2, channels] */
  long rows, channels, width, block_rows; /* block_rows is a multiple of the rows in a wide row */
  int relu;
} norm_context;

/* Adds the lanes of a wide row that belong to one channel. */
static void fold(const norm_context *c, long block, const float *first, const float *second) {
  double *out = c->partial + block * 2 * c->channels;
  for (long j = 0; j < c->channels; j++) {
    double a = 0, b = 0;
    for (long k = j; k < c->width; k += c->channels) a += first[k], b += second[k];
    out[j] = a, out[c->channels + j] = b;
  }
}

/* The number of elements of the wide row that starts at row r. */
static inline long wide(const norm_context *c, long r, long end) {
  long left = (end - r) * c->channels;
  return left < c->width ? left : c->width;
}

/* Sums of x - shift and of its square; terms: shift. */
static void moments_task(void *context, long begin, long end) {
  const norm_context *c = context;
  const long step = c->width / c->channels;
  for (long block = begin; block < end; block++) {
    long from = block * c->block_rows, to = from + c->block_rows < c->rows ? from + c->block_rows : c->rows;
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
    fold(c, block, sum, squares);
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
    long from = block * c->block_rows, to = from + c->block_rows < c->rows ? from + c->block_rows : c->rows;
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
    fold(c, block, sum, products);
  }
}

/* dx = dy * scale + (x - mean) * slope + constant; terms: scale, shift, mean, slope, constant. */
static void grad_task(void *context, long begin, long end) {
  const norm_context *c = context;
  const long step = c->width / c->channels;
  const float *scale = c->terms, *shift = scale + c->width, *mean = shift + c->width, *slope = mean + c->width,
              *constant = slope + c->width;
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

static void prepare(norm_context *c, long rows, long channels) {
  const long repeat = channels * 2 <= NARROW ? NARROW / channels : 1;
  c->rows = rows;
  c->channels = channels;
  c->width = repeat * channels;
  c->block_rows = (BLOCK / c->width + 1) * repeat;
}

/* Writes the number of each channel, repeated, as the given one of the terms. */
static void repeat_term(const norm_context *c, float *terms, int which, long channel, double value) {
  for (long k = channel; k < c->width; k += c->channels) terms[which * c->width + k] = (float)value;
}

static void totals(const norm_context *c, long blocks, long channel, double *first, double *second) {
  *first = *second = 0;
  for (long b = 0; b < blocks; b++) {
    *first += c->partial[b * 2 * c->channels + channel];
    *second += c->partial[(b * 2 + 1) * c->channels + channel];
  }
}

int steppe_norm_train(const float *x, const float *scale, const float *offset, float *y, float *mean, float *variance,
                      long rows, long channels, double epsilon, int relu) {
  REQUIRE(FITS(rows, channels) && channels <= WIDTH);
  if (channels == 0) return STEPPE_OK;
  REQUIRE(THERE(scale, offset, mean, variance) && (rows == 0 || THERE(x, y)));
  for (long j = 0; rows == 0 && j < channels; j++) mean[j] = variance[j] = NAN;
  if (rows == 0) return STEPPE_OK;
  norm_context c = {x, NULL, y, NULL, NULL, 0, 0, 0, 0, relu};
  prepare(&c, rows, channels);
  const long blocks = (rows + c.block_rows - 1) / c.block_rows;
  float *terms = malloc(2 * c.width * sizeof(float));
  c.partial = malloc(blocks * 2 * channels * sizeof(double));
  c.terms = terms;
  if (!terms || !c.partial) {
    free(terms), free(c.partial);
    return STEPPE_OUT_OF_MEMORY;
  }
  /* close to the mean: squares then lose little */
  for (long j = 0; j < channels; j++) repeat_term(&c, terms, 0, j, x[j]);
  steppe_parallel(blocks, 1, moments_task, &c);
  for (long j = 0; j < channels; j++) {
    double sum, squares, shift = x[j];
    totals(&c, blocks, j, &sum, &squares);
    const double average = sum / (double)rows, spread = fmax(0, squares / (double)rows - average * average);
    mean[j] = (float)(shift + average);
    variance[j] = (float)(squares != squares ? squares : spread);
    const double factor = scale[j] / sqrt(variance[j] + epsilon);
    repeat_term(&c, terms, 0, j, factor);
    repeat_term(&c, terms, 1, j, offset[j] - mean[j] * (double)(float)factor);
  }
  steppe_parallel(rows, c.block_rows, apply_task, &c);
  free(terms), free(c.partial);
  return STEPPE_OK;
}

int steppe_norm_train_grad(const float *x, const float *dy, const float *mean, const float *variance,
                           const float *scale, const float *offset, float *dx, float *dscale, float *doffset, long rows,
                           long channels, double epsilon, int relu) {
  REQUIRE(FITS(rows, channels) && channels <= WIDTH);
  if (channels == 0) return STEPPE_OK;
  REQUIRE(THERE(mean, variance, scale, offset, dscale, doffset) && (rows == 0 || THERE(x, dy, dx)));
  for (long j = 0; j < channels; j++) dscale[j] = doffset[j] = 0;
  if (rows == 0) return STEPPE_OK;
  norm_context c = {x, dy, dx, NULL, NULL, 0, 0, 0, 0, relu};
  prepare(&c, rows, channels);
  const long blocks = (rows + c.block_rows - 1) / c.block_rows;
  float *terms = malloc(5 * c.width * sizeof(float));
  c.partial = malloc(blocks * 2 * channels * sizeof(double));
  c.terms = terms;
  if (!terms || !c.partial) {
    free(terms), free(c.partial);
    return STEPPE_OUT_OF_MEMORY;
  }
  for (long j = 0; j < channels; j++) {
    const double factor = scale[j] / sqrt(variance[j] + epsilon);
    repeat_term(&c, terms, 0, j, factor);
    repeat_term(&c, terms, 1, j, offset[j] - mean[j] * (double)(float)factor);
    repeat_term(&c, terms, 2, j, mean[j]);
  }
  steppe_parallel(blocks, 1, grad_sums_task, &c);
  for (long j = 0; j < channels; j++) {
    double sum, products;
    totals(&c, blocks, j, &sum, &products);
    const double inverse = 1 / sqrt(variance[j] + epsilon), factor = scale[j] * inverse;
    doffset[j] = (float)sum;
    dscale[j] = (float)(products * inverse);
    repeat_term(&c, terms, 3, j, -factor * inverse * inverse * products / (double)rows);
    repeat_term(&c, terms, 4, j, -factor * sum / (double)rows);
  }
  steppe_parallel(rows, c.block_rows, grad_task, &c);
  free(terms), free(c.partial);
  return STEPPE_OK;
}
