#include "bf16/matmul.h"

#include <string.h>

#include "matmul/dots.h"
#include "matmul/task.h"
#include "runtime/check.h"
#include "runtime/common.h"
#include "tile/tile.h"
#include "vector/transpose.h"

#define BLOCK_ROWS 168 /* a multiple of the tile heights 6, 8, 12 and 14 */
#define DIRECT_ROWS 48 /* under so many rows, packing b costs more than it saves */
#define WANTED_TASKS 16
#define SMALL 32768 /* products of so few terms are not worth a second thread */

static product cut(long batch, long m, long n, long k, int transpose_a, int transpose_b, long stride_a, long stride_b) {
  product p = {.batch = batch,
               .m = m,
               .n = n,
               .k = k,
               .stride_a = stride_a,
               .stride_b = stride_b,
               .transpose_a = transpose_a,
               .transpose_b = transpose_b};
  long panels = (n + TILE_WIDTH - 1) / TILE_WIDTH;
  p.direct = !transpose_b && (m <= DIRECT_ROWS || n == TILE_WIDTH);
  p.block = BLOCK_ROWS;
  while (p.block > 42 && batch * ((m + p.block - 1) / p.block) * panels < WANTED_TASKS) p.block /= 2;
  p.blocks = (m + p.block - 1) / p.block;
  p.parts = most(least(panels, WANTED_TASKS / most(batch * p.blocks, 1)), 1);
  p.panel_stride = k * panels_width(n);
  return p;
}

static void pack_task(void *context, long begin, long end) {
  const product *p = context;
  long panels = (p->n + TILE_WIDTH - 1) / TILE_WIDTH;
  for (long task = begin; task < end; task++) {
    long j = task % panels * TILE_WIDTH, matrix = task / panels, width = panel_vectors(p->n, j) * VL,
         columns = least(width, p->n - j);
    if (matmul_reads_b(p, j, width)) continue;
    const float *b = p->b + matrix * p->stride_b;
    float *to = p->panels + matrix * p->panel_stride + j * p->k;
    if (p->transpose_b) {
      transpose(b + j * p->k, p->k, columns, p->k, to, width);
      continue;
    }
    for (long row = 0; row < p->k; row++, to += width) {
      memcpy(to, b + row * p->n + j, columns * sizeof(float));
      memset(to + columns, 0, (width - columns) * sizeof(float));
    }
  }
}

/* Packs what is not read directly of b into panels of columns, each with a row for every k. */
static void pack(const product *p) {
  long panels = (p->n + TILE_WIDTH - 1) / TILE_WIDTH, matrices = p->stride_b ? p->batch : least(p->batch, 1);
  steppe_parallel(matrices * panels, 1 + SMALL / (p->k * TILE_WIDTH + 1), pack_task, (void *)p);
}

/* Whether a, b and c can be tensors. */
static int product_fits(long batch, long m, long n, long k, long stride_a, long stride_b) {
  if (!FITS(batch, m, n) || !FITS(batch, m, k) || !FITS(batch, k, n) || stride_a < 0 || stride_b < 0) return 0;
  if (batch <= 1) return 1;
  return stride_a <= STEPPE_MOST_ELEMENTS / (batch - 1) && stride_b <= STEPPE_MOST_ELEMENTS / (batch - 1);
}

int steppe_matmul(const float *a, const float *b, float *c, long batch, long m, long n, long k, int transpose_a,
                  int transpose_b, long stride_a, long stride_b, int precision, void *scratch) {
  REQUIRE(product_fits(batch, m, n, k, stride_a, stride_b) && is_precision(precision));
  if (batch == 0 || m == 0 || n == 0) return STEPPE_OK;
  REQUIRE(c && (k == 0 || THERE(a, b)));
  if (precision != STEPPE_HIGHEST) {
    REQUIRE(scratch);
    bf16_matmul(&(bf16_product){a, b, c, batch, m, n, k, stride_a, stride_b, transpose_a, transpose_b, precision},
                scratch);
    return STEPPE_OK;
  }
  product p = cut(batch, m, n, k, transpose_a, transpose_b, stride_a, stride_b);
  p.a = a, p.b = b, p.c = c, p.panels = scratch;
  if (matmul_is_dots(&p)) {
    matmul_dots(&p);
    return STEPPE_OK;
  }
  REQUIRE(scratch || !steppe_matmul_scratch(batch, m, n, k, transpose_a, transpose_b, stride_a, stride_b, precision));
  long matrices = stride_b ? batch : 1;
  p.slots = p.panels + matrices * p.panel_stride;
  pack(&p);
  steppe_parallel(batch * p.blocks * p.parts, 1 + SMALL / (least(p.block, m) * (n / p.parts + 1) * (k + 1)),
                  matmul_task, &p);
  return STEPPE_OK;
}

long steppe_matmul_scratch(long batch, long m, long n, long k, int transpose_a, int transpose_b, long stride_a,
                           long stride_b, int precision) {
  if (!product_fits(batch, m, n, k, stride_a, stride_b) || !is_precision(precision)) return -1;
  if (precision != STEPPE_HIGHEST)
    return bf16_matmul_scratch(&(bf16_product){
        .batch = batch, .m = m, .n = n, .k = k, .stride_a = stride_a, .stride_b = stride_b, .precision = precision});
  product p = cut(batch, m, n, k, transpose_a, transpose_b, stride_a, stride_b);
  long matrices = stride_b ? batch : least(batch, 1);
  return (matrices * p.panel_stride + batch * p.blocks * p.parts * matmul_slot(&p)) * (long)sizeof(float);
}
