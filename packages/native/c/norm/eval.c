/* Batch normalization with given statistics, and relu: forward, its gradient, and the gradient of that, each in one
 * pass over memory. With d = dy, masked by relu, u = x - mean and r = 1 / sqrt(variance + epsilon), the gradient is
 *   dx = scale r d,  dscale = r sum(d u),  doffset = sum(d),
 * and of the cotangents a, b and c of these
 *   ddy = scale r a + r b u + c, where relu lets dy pass,  dx = r b d,  dscale = r sum(a d). */
#include <math.h>

#include "norm/channels.h"
#include "runtime/check.h"
#include "steppe.h"
#include "vector/vec.h"

enum { FACTOR, OFFSET, MEAN, GRAD_TERMS, ALONG_U = GRAD_TERMS, CONSTANT, SECOND_TERMS };

/* y = (x - mean) * factor + offset, and relu: x and the mean may both be large and near. */
static inline __attribute__((always_inline)) void rows_forward(const norm_context *c, long begin, long end, int relu) {
  const float *factor = c->terms, *offset = factor + OFFSET * c->width, *mean = factor + MEAN * c->width;
  for (long r = begin; r < end; r += c->width / c->channels) {
    const float *x = c->x + r * c->channels;
    float *y = c->y + r * c->channels;
    const long n = wide(c, r, end);
    INDEPENDENT for (long j = 0; j < n; j++) {
      const float v = (x[j] - mean[j]) * factor[j] + offset[j];
      y[j] = !relu || v > 0.0f || v != v ? v : 0.0f;
    }
  }
}

static void forward_task(void *context, long begin, long end) {
  const norm_context *c = context;
  if (c->relu) rows_forward(c, begin, end, 1);
  else rows_forward(c, begin, end, 0);
}

/* dx of one block of rows, and its sums of d and d * u. */
static inline __attribute__((always_inline)) void block_grad(const norm_context *c, long block, int relu) {
  const float *factor = c->terms, *offset = factor + OFFSET * c->width, *mean = factor + MEAN * c->width;
  const long end = block_end(c, block);
  _Alignas(64) float sum[WIDTH], products[WIDTH];
  for (long j = 0; j < c->width; j++) sum[j] = products[j] = 0;
  for (long r = block * c->block_rows; r < end; r += c->width / c->channels) {
    const float *x = c->x + r * c->channels, *dy = c->dy + r * c->channels;
    float *dx = c->y + r * c->channels;
    const long n = wide(c, r, end);
    INDEPENDENT for (long j = 0; j < n; j++) {
      const float u = x[j] - mean[j], d = !relu || u * factor[j] + offset[j] > 0.0f ? dy[j] : 0.0f;
      sum[j] += d;
      products[j] += d * u;
      dx[j] = d * factor[j];
    }
  }
  fold(c, block, 0, sum), fold(c, block, 1, products);
}

static void grad_task(void *context, long begin, long end) {
  const norm_context *c = context;
  for (long block = begin; block < end; block++)
    if (c->relu) block_grad(c, block, 1);
    else block_grad(c, block, 0);
}

/* ddy and dx of one block of rows, and its sum of a * d. */
static inline __attribute__((always_inline)) void block_second(const norm_context *c, long block, int relu) {
  const float *factor = c->terms, *offset = factor + OFFSET * c->width, *mean = factor + MEAN * c->width,
              *along_u = factor + ALONG_U * c->width, *constant = factor + CONSTANT * c->width;
  const long end = block_end(c, block);
  _Alignas(64) float sum[WIDTH];
  for (long j = 0; j < c->width; j++) sum[j] = 0;
  for (long r = block * c->block_rows; r < end; r += c->width / c->channels) {
    const float *x = c->x + r * c->channels, *dy = c->dy + r * c->channels, *ddx = c->ddx + r * c->channels;
    float *dx = c->y + r * c->channels, *ddy = c->ddy + r * c->channels;
    const long n = wide(c, r, end);
    INDEPENDENT for (long j = 0; j < n; j++) {
      const float u = x[j] - mean[j], a = ddx[j];
      const int passes = !relu || u * factor[j] + offset[j] > 0.0f;
      const float d = passes ? dy[j] : 0.0f, along = a * factor[j] + (u * along_u[j] + constant[j]);
      sum[j] += a * d;
      ddy[j] = passes ? along : 0.0f;
      dx[j] = d * along_u[j];
    }
  }
  fold(c, block, 0, sum);
}

static void second_task(void *context, long begin, long end) {
  const norm_context *c = context;
  for (long block = begin; block < end; block++)
    if (c->relu) block_second(c, block, 1);
    else block_second(c, block, 0);
}

/* The terms that all passes need. */
static void write_terms(norm_context *c, const float *mean, const float *variance, const float *scale,
                        const float *offset, double epsilon) {
  for (long j = 0; j < c->channels; j++) {
    repeat_term(c, FACTOR, j, scale[j] / sqrt(variance[j] + epsilon));
    repeat_term(c, OFFSET, j, offset[j]);
    repeat_term(c, MEAN, j, mean[j]);
  }
}

int steppe_norm_eval(const float *x, const float *mean, const float *variance, const float *scale, const float *offset,
                     float *y, long rows, long channels, double epsilon, int relu) {
  REQUIRE(FITS(rows, channels) && channels <= WIDTH);
  if (!rows || !channels) return STEPPE_OK;
  REQUIRE(THERE(x, mean, variance, scale, offset, y));
  norm_context c = {.x = x, .y = y, .relu = relu};
  if (!prepare(&c, rows, channels, GRAD_TERMS, 1)) {
    release(&c);
    return STEPPE_OUT_OF_MEMORY;
  }
  write_terms(&c, mean, variance, scale, offset, epsilon);
  steppe_parallel(rows, c.block_rows, forward_task, &c);
  release(&c);
  return STEPPE_OK;
}

int steppe_norm_eval_grad(const float *x, const float *dy, const float *mean, const float *variance, const float *scale,
                          const float *offset, float *dx, float *dscale, float *doffset, long rows, long channels,
                          double epsilon, int relu) {
  REQUIRE(FITS(rows, channels) && channels <= WIDTH);
  if (!channels) return STEPPE_OK;
  REQUIRE(THERE(mean, variance, scale, offset, dscale, doffset) && (!rows || THERE(x, dy, dx)));
  norm_context c = {.x = x, .dy = dy, .y = dx, .relu = relu};
  if (!prepare(&c, rows, channels, GRAD_TERMS, 2)) {
    release(&c);
    return STEPPE_OUT_OF_MEMORY;
  }
  write_terms(&c, mean, variance, scale, offset, epsilon);
  steppe_parallel(c.blocks, 1, grad_task, &c);
  for (long j = 0; j < channels; j++) {
    dscale[j] = (float)(sum_of(&c, 1, j) / sqrt(variance[j] + epsilon));
    doffset[j] = (float)sum_of(&c, 0, j);
  }
  release(&c);
  return STEPPE_OK;
}

int steppe_norm_eval_second(const float *x, const float *dy, const float *ddx, const float *ddscale,
                            const float *ddoffset, const float *mean, const float *variance, const float *scale,
                            const float *offset, float *ddy, float *dx, float *dscale, long rows, long channels,
                            double epsilon, int relu) {
  REQUIRE(FITS(rows, channels) && channels <= WIDTH);
  if (!channels) return STEPPE_OK;
  REQUIRE(THERE(ddscale, ddoffset, mean, variance, scale, offset, dscale) && (!rows || THERE(x, dy, ddx, ddy, dx)));
  norm_context c = {.x = x, .dy = dy, .ddx = ddx, .y = dx, .ddy = ddy, .relu = relu};
  if (!prepare(&c, rows, channels, SECOND_TERMS, 1)) {
    release(&c);
    return STEPPE_OUT_OF_MEMORY;
  }
  write_terms(&c, mean, variance, scale, offset, epsilon);
  for (long j = 0; j < channels; j++) {
    repeat_term(&c, ALONG_U, j, ddscale[j] / sqrt(variance[j] + epsilon));
    repeat_term(&c, CONSTANT, j, ddoffset[j]);
  }
  steppe_parallel(c.blocks, 1, second_task, &c);
  for (long j = 0; j < channels; j++) dscale[j] = (float)(sum_of(&c, 0, j) / sqrt(variance[j] + epsilon));
  release(&c);
  return STEPPE_OK;
}
