/* Layer normalization: every row by its own mean and variance, forward and backward, each in one pass over memory: a
 * row is read several times, but from the cache. */
#include <math.h>
#include <stdlib.h>

#include "runtime/check.h"
#include "steppe.h"
#include "vector/row.h"
#include "vector/vec.h"

#define BLOCK 32768 /* elements whose gradients of scale and offset are summed in float */

typedef struct {
  const float *x, *dy, *scale, *offset;
  float *y;
  float *partial; /* [blocks, 2, n]: sums of dy * normed and of dy */
  long rows, n, block_rows;
  double epsilon;
} layer_context;

/* The mean of a row and one over its deviation. What rounding left of the mean is taken out of both. */
static void moments(const float *x, long n, double epsilon, float *mean, float *inverse) {
  const float near = total(x, n) / (float)n;
  vf sums = {0}, squares = {0};
  long i = 0;
  for (; i + VL <= n; i += VL) {
    const vf d = load(x + i) - near;
    sums += d;
    squares += d * d;
  }
  float sum = lanes(sums), square = lanes(squares);
  for (; i < n; i++) {
    const float d = x[i] - near;
    sum += d;
    square += d * d;
  }
  const double left = (double)sum / (double)n, spread = (double)square / (double)n - left * left;
  *mean = (float)(near + left);
  *inverse = (float)(1 / sqrt((spread > 0 || spread != spread ? spread : 0) + epsilon));
}

static void layer_task(void *context, long begin, long end) {
  const layer_context *c = context;
  for (long r = begin; r < end; r++) {
    const float *x = c->x + r * c->n;
    float *y = c->y + r * c->n, mean, inverse;
    moments(x, c->n, c->epsilon, &mean, &inverse);
    INDEPENDENT for (long i = 0; i < c->n; i++) y[i] = (x[i] - mean) * inverse * c->scale[i] + c->offset[i];
  }
}

int steppe_norm_layer(const float *x, const float *scale, const float *offset, float *y, long rows, long n,
                      double epsilon) {
  REQUIRE(FITS(rows, n));
  if (!rows || !n) return STEPPE_OK;
  REQUIRE(THERE(x, scale, offset, y));
  layer_context context = {x, NULL, scale, offset, y, NULL, rows, n, 0, epsilon};
  steppe_parallel(rows, GRAIN / 4 / (n + 1) + 1, layer_task, &context);
  return STEPPE_OK;
}

/* dx of one row, for g = dy * scale: (g - mean(g) - normed * mean(g * normed)) / deviation. */
static void layer_grad_row(const layer_context *c, long r, float *dscale, float *doffset) {
  const float *x = c->x + r * c->n, *dy = c->dy + r * c->n, *scale = c->scale;
  float *dx = c->y + r * c->n, mean, inverse;
  moments(x, c->n, c->epsilon, &mean, &inverse);
  vf sums = {0}, products = {0};
  long i = 0;
  for (; i + VL <= c->n; i += VL) {
    const vf normed = (load(x + i) - mean) * inverse, d = load(dy + i), g = d * load(scale + i);
    store(dscale + i, load(dscale + i) + d * normed);
    store(doffset + i, load(doffset + i) + d);
    sums += g;
    products += g * normed;
  }
  float sum = lanes(sums), along = lanes(products);
  for (; i < c->n; i++) {
    const float normed = (x[i] - mean) * inverse, g = dy[i] * scale[i];
    dscale[i] += dy[i] * normed;
    doffset[i] += dy[i];
    sum += g;
    along += g * normed;
  }
  sum /= (float)c->n, along /= (float)c->n;
  INDEPENDENT for (long j = 0; j < c->n; j++) {
    dx[j] = inverse * (dy[j] * scale[j] - sum - (x[j] - mean) * inverse * along);
  }
}

static void layer_grad_task(void *context, long begin, long end) {
  const layer_context *c = context;
  for (long block = begin; block < end; block++) {
    const long from = block * c->block_rows, to = from + c->block_rows < c->rows ? from + c->block_rows : c->rows;
    float *dscale = c->partial + block * 2 * c->n, *doffset = dscale + c->n;
    for (long i = 0; i < c->n; i++) dscale[i] = doffset[i] = 0;
    for (long r = from; r < to; r++) layer_grad_row(c, r, dscale, doffset);
  }
}

int steppe_norm_layer_grad(const float *x, const float *dy, const float *scale, float *dx, float *dscale,
                           float *doffset, long rows, long n, double epsilon) {
  REQUIRE(FITS(rows, n));
  if (!n) return STEPPE_OK;
  REQUIRE(THERE(scale, dscale, doffset) && (rows == 0 || THERE(x, dy, dx)));
  const long block_rows = BLOCK / n + 1, blocks = (rows + block_rows - 1) / block_rows;
  float *partial = malloc((blocks * 2 * n + 1) * sizeof(float));
  if (!partial) return STEPPE_OUT_OF_MEMORY;
  layer_context context = {x, dy, scale, NULL, dx, partial, rows, n, block_rows, epsilon};
  steppe_parallel(blocks, 1, layer_grad_task, &context);
  for (long i = 0; i < n; i++) {
    double first = 0, second = 0;
    for (long b = 0; b < blocks; b++) first += partial[b * 2 * n + i], second += partial[(b * 2 + 1) * n + i];
    dscale[i] = (float)first;
    doffset[i] = (float)second;
  }
  free(partial);
  return STEPPE_OK;
}
