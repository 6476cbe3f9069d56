/* The gradient of the gradient of batch normalization, which a Hessian product takes: two passes over memory.
 *
 * With d = dy, masked by relu, u = x - mean, r = 1 / sqrt(variance + epsilon) and n rows, the gradient is
 *   dx = scale r (d - sum(d)/n - r² u sum(d u)/n),  dscale = r sum(d u),  doffset = sum(d).
 * Of the cotangents a, b and c of these, with p = r sum(d u) and q = r sum(a u), the mask of relu aside:
 *   ddy = scale r a + w u + c - scale r sum(a)/n  with  w = r (b - scale r q/n),
 *   ds  = r (sum(a d) - sum(a) sum(d)/n - p q/n),
 *   dx  = r e - r sum(e)/n - r³ u sum(e u)/n - scale r² ds u/n  with  e = (w/r) d - (scale r p/n) a. */
#include <math.h>

#include "norm/channels.h"
#include "runtime/check.h"
#include "steppe.h"
#include "vector/vec.h"

enum { SUM_D, SUM_DU, SUM_A, SUM_AU, SUM_AD, SUMS };
enum { SCALE, SHIFT, MEAN, ALONG_U, CONSTANT, DX_A, DX_U, DX_CONSTANT, TERMS };

/* The sums of one block of rows; terms: scale, shift, mean. */
static inline __attribute__((always_inline)) void block_sums(const norm_context *c, long block, int relu) {
  const long step = c->width / c->channels, end = block_end(c, block);
  const float *scale = c->terms, *shift = scale + SHIFT * c->width, *mean = scale + MEAN * c->width;
  _Alignas(64) float sums[SUMS][WIDTH];
  for (int s = 0; s < SUMS; s++)
    for (long j = 0; j < c->width; j++) sums[s][j] = 0;
  for (long r = block * c->block_rows; r < end; r += step) {
    const float *x = c->x + r * c->channels, *dy = c->dy + r * c->channels, *ddx = c->ddx + r * c->channels;
    const long n = wide(c, r, end);
    INDEPENDENT for (long j = 0; j < n; j++) {
      const float u = x[j] - mean[j], a = ddx[j], d = !relu || x[j] * scale[j] + shift[j] > 0.0f ? dy[j] : 0.0f;
      sums[SUM_D][j] += d;
      sums[SUM_DU][j] += d * u;
      sums[SUM_A][j] += a;
      sums[SUM_AU][j] += a * u;
      sums[SUM_AD][j] += a * d;
    }
  }
  for (int s = 0; s < SUMS; s++) fold(c, block, s, sums[s]);
}

static void sums_task(void *context, long begin, long end) {
  const norm_context *c = context;
  for (long block = begin; block < end; block++)
    if (c->relu) block_sums(c, block, 1);
    else block_sums(c, block, 0);
}

/* The gradients of some rows; all terms. */
static inline __attribute__((always_inline)) void row_gradients(const norm_context *c, long begin, long end, int relu) {
  const long step = c->width / c->channels, w = c->width;
  const float *scale = c->terms, *shift = scale + SHIFT * w, *mean = scale + MEAN * w, *along_u = scale + ALONG_U * w,
              *constant = scale + CONSTANT * w, *dx_a = scale + DX_A * w, *dx_u = scale + DX_U * w,
              *dx_constant = scale + DX_CONSTANT * w;
  for (long r = begin; r < end; r += step) {
    const float *x = c->x + r * c->channels, *dy = c->dy + r * c->channels, *ddx = c->ddx + r * c->channels;
    float *dx = c->y + r * c->channels, *ddy = c->ddy + r * c->channels;
    const long n = wide(c, r, end);
    INDEPENDENT for (long j = 0; j < n; j++) {
      const int passes = !relu || x[j] * scale[j] + shift[j] > 0.0f;
      const float u = x[j] - mean[j], a = ddx[j], d = passes ? dy[j] : 0.0f;
      const float along = a * scale[j] + (u * along_u[j] + constant[j]);
      ddy[j] = passes ? along : 0.0f;
      dx[j] = a * dx_a[j] + d * along_u[j] + (u * dx_u[j] + dx_constant[j]);
    }
  }
}

static void gradients_task(void *context, long begin, long end) {
  const norm_context *c = context;
  if (c->relu) row_gradients(c, begin, end, 1);
  else row_gradients(c, begin, end, 0);
}

int steppe_norm_train_second(const float *x, const float *dy, const float *ddx, const float *ddscale,
                             const float *ddoffset, const float *mean, const float *variance, const float *scale,
                             const float *offset, float *ddy, float *dx, float *dscale, long rows, long channels,
                             double epsilon, int relu) {
  REQUIRE(FITS(rows, channels) && channels <= WIDTH);
  if (channels == 0) return STEPPE_OK;
  REQUIRE(THERE(ddscale, ddoffset, mean, variance, scale, offset, dscale) && (rows == 0 || THERE(x, dy, ddx, ddy, dx)));
  for (long j = 0; j < channels; j++) dscale[j] = 0;
  if (rows == 0) return STEPPE_OK;
  norm_context c = {.x = x, .dy = dy, .ddx = ddx, .y = dx, .ddy = ddy, .relu = relu};
  if (!prepare(&c, rows, channels, TERMS, SUMS)) {
    release(&c);
    return STEPPE_OUT_OF_MEMORY;
  }
  for (long j = 0; j < channels; j++) {
    const double factor = scale[j] / sqrt(variance[j] + epsilon);
    repeat_term(&c, SCALE, j, factor);
    repeat_term(&c, SHIFT, j, offset[j] - mean[j] * (double)(float)factor);
    repeat_term(&c, MEAN, j, mean[j]);
  }
  steppe_parallel(c.blocks, 1, sums_task, &c);
  for (long j = 0; j < channels; j++) {
    const double n = (double)rows, r = 1 / sqrt(variance[j] + epsilon), factor = scale[j] * r;
    const double d = sum_of(&c, SUM_D, j), a = sum_of(&c, SUM_A, j), p = r * sum_of(&c, SUM_DU, j),
                 q = r * sum_of(&c, SUM_AU, j);
    const double along_d = ddscale[j] - factor * q / n, along_a = -factor * p / n;
    const double ds = r * (sum_of(&c, SUM_AD, j) - a * d / n - p * q / n);
    dscale[j] = (float)ds;
    repeat_term(&c, ALONG_U, j, r * along_d);
    repeat_term(&c, CONSTANT, j, ddoffset[j] - factor * a / n);
    repeat_term(&c, DX_A, j, r * along_a);
    repeat_term(&c, DX_U, j, -r * r * (along_d * p + along_a * q + scale[j] * ds) / n);
    repeat_term(&c, DX_CONSTANT, j, -r * (along_d * d + along_a * a) / n);
  }
  steppe_parallel(rows, c.block_rows, gradients_task, &c);
  release(&c);
  return STEPPE_OK;
}
