#include "bf16/matmul.h"

#include <string.h>

#include "runtime/common.h"

#define BLOCK_ROWS 128
#define WANTED_TASKS 16
#define SMALL 65536 /* elements or products of so little are not worth a second thread */

/* The two factors in bfloat16: a in rows of whole steps, b in panels of BF16_BLOCK columns, a tile for each step. */
typedef struct {
  bf16_product p;
  long width, rows, panels, a_matrices, b_matrices;
  long a_matrix, b_matrix, a_rest, b_rest, parts_packed; /* elements of a matrix, and to the rests */
  long blocks, parts;
  bf16 *a, *b;
  bf16_step *steps;
  long step_count;
} packed;

static packed cut_of(const bf16_product *p) {
  packed s = {.p = *p, .width = up(most(p->k, 1), BF16_DEPTH), .rows = up(p->m, BF16_BLOCK)};
  s.panels = (p->n + BF16_BLOCK - 1) / BF16_BLOCK;
  s.a_matrices = p->stride_a ? p->batch : 1;
  s.b_matrices = p->stride_b ? p->batch : 1;
  s.a_matrix = s.rows * s.width;
  s.b_matrix = s.panels * BF16_BLOCK * s.width;
  s.a_rest = s.a_matrices * s.a_matrix;
  s.b_rest = s.b_matrices * s.b_matrix;
  s.parts_packed = p->precision == STEPPE_HIGH ? 2 : 1;
  s.blocks = (p->m + BLOCK_ROWS - 1) / BLOCK_ROWS;
  s.parts = most(least(s.panels, WANTED_TASKS / (p->batch * s.blocks)), 1);
  return s;
}

static intptr_t lay_out(packed *s, intptr_t scratch) {
  s->a = bf16_take(&scratch, s->parts_packed * s->a_rest * (long)sizeof(bf16));
  s->b = bf16_take(&scratch, s->parts_packed * s->b_rest * (long)sizeof(bf16));
  s->steps = bf16_take(&scratch, s->width / BF16_DEPTH * bf16_products(s->p.precision) * (long)sizeof(bf16_step));
  return scratch;
}

/* Points to `count` rows that are `step` floats apart; null behind the last of `there`. */
static void list_rows(const float *first, long step, long count, long there, const float **rows) {
  for (long i = 0; i < count; i++) rows[i] = i < there ? first + i * step : 0;
}

static void pack_a(void *context, long begin, long end) {
  const packed *s = context;
  const bf16_product *p = &s->p;
  const long blocks = s->rows / BF16_BLOCK, rest = s->parts_packed > 1 ? s->a_rest : 0;
  const float *rows[BF16_BLOCK];
  for (long task = begin; task < end; task++) {
    const long i = task % blocks * BF16_BLOCK, matrix = task / blocks;
    const float *a = p->a + matrix * p->stride_a;
    bf16 *to = s->a + matrix * s->a_matrix + i * s->width;
    if (!p->transpose_a) {
      list_rows(a + i * p->k, p->k, BF16_BLOCK, p->m - i, rows);
      bf16_pack_rows(rows, BF16_BLOCK, p->k, s->width, to, rest);
      continue;
    }
    for (long k = 0; k < s->width; k += BF16_DEPTH) {
      list_rows(a + k * p->m, p->m, BF16_DEPTH, p->k - k, rows);
      for (long j = 0; j < BF16_BLOCK; j += BF16_TILE)
        bf16_pack_columns(rows, i + j, BF16_DEPTH, most(least(BF16_TILE, p->m - i - j), 0), to + j * s->width + k,
                          s->width, rest);
    }
  }
}

static void pack_b(void *context, long begin, long end) {
  const packed *s = context;
  const bf16_product *p = &s->p;
  const long steps = s->width / BF16_DEPTH, rest = s->parts_packed > 1 ? s->b_rest : 0;
  const float *rows[BF16_DEPTH];
  for (long task = begin; task < end; task++) {
    const long k = task % steps * BF16_DEPTH, panel = task / steps % s->panels, matrix = task / steps / s->panels;
    const float *b = p->b + matrix * p->stride_b;
    bf16 *to = s->b + matrix * s->b_matrix + panel * BF16_BLOCK * s->width + k * BF16_BLOCK;
    for (long half = 0; half < 2; half++, to += BF16_DEPTH * BF16_TILE) {
      const long j = panel * BF16_BLOCK + half * BF16_TILE, columns = most(least(BF16_TILE, p->n - j), 0);
      if (p->transpose_b) {
        list_rows(b + j * p->k + k, p->k, BF16_TILE, columns, rows);
        bf16_pack_across(rows, least(BF16_DEPTH, p->k - k), BF16_DEPTH, to, rest);
      } else {
        list_rows(b + k * p->n, p->n, BF16_DEPTH, p->k - k, rows);
        bf16_pack_pairs(rows, j, BF16_DEPTH, columns, to, rest);
      }
    }
  }
}

/* A block of BF16_BLOCK rows and columns of c, by way of a block of its own where c has less. */
static void sum_block(const packed *s, const bf16_sum *sum, const bf16 *a, const bf16 *b, float *c, long rows,
                      long columns) {
  const int tiles = columns > BF16_TILE ? 2 : 1;
  if (rows % BF16_TILE == 0 && columns % BF16_TILE == 0) {
    bf16_block(a, b, sum, (int)rows, tiles, c, 0);
    return;
  }
  _Alignas(64) float spare[BF16_BLOCK * BF16_BLOCK];
  bf16_sum own = *sum;
  own.c_row = BF16_BLOCK;
  bf16_block(a, b, &own, (int)rows, tiles, spare, 0);
  for (long i = 0; i < rows; i++) memcpy(c + i * s->p.n, spare + i * BF16_BLOCK, columns * sizeof(float));
}

static void sum_task(void *context, long begin, long end) {
  const packed *s = context;
  const bf16_product *p = &s->p;
  const int unit = bf16_begin(BF16_DEPTH);
  const bf16_sum sum = {.steps = s->steps,
                        .count = s->step_count,
                        .depth = BF16_DEPTH,
                        .a_row = s->width,
                        .b_half = BF16_DEPTH * BF16_TILE,
                        .c_row = p->n,
                        .unit = unit};
  for (long task = begin; task < end; task++) {
    const long part = task % s->parts, block = task / s->parts % s->blocks, matrix = task / s->parts / s->blocks;
    const bf16 *a = s->a + (p->stride_a ? matrix : 0) * s->a_matrix;
    const bf16 *b = s->b + (p->stride_b ? matrix : 0) * s->b_matrix;
    float *c = p->c + matrix * p->m * p->n;
    for (long panel = part * s->panels / s->parts; panel < (part + 1) * s->panels / s->parts; panel++) {
      const long j = panel * BF16_BLOCK;
      for (long i = block * BLOCK_ROWS; i < least((block + 1) * BLOCK_ROWS, p->m); i += BF16_BLOCK)
        sum_block(s, &sum, a + i * s->width, b + j * s->width, c + i * p->n + j, least(BF16_BLOCK, p->m - i),
                  least(BF16_BLOCK, p->n - j));
    }
  }
  bf16_end(unit);
}

void bf16_matmul(const bf16_product *p, void *scratch) {
  packed s = cut_of(p);
  lay_out(&s, (intptr_t)scratch);
  for (long k = 0; k < s.width; k += BF16_DEPTH)
    s.step_count +=
        bf16_put_steps(s.steps + s.step_count, p->precision, (bf16_step){k, k * BF16_BLOCK}, s.a_rest, s.b_rest);
  steppe_parallel(s.a_matrices * s.rows / BF16_BLOCK, 1 + SMALL / (BF16_BLOCK * s.width), pack_a, &s);
  steppe_parallel(s.b_matrices * s.panels * (s.width / BF16_DEPTH), 1 + SMALL / (BF16_BLOCK * BF16_DEPTH), pack_b, &s);
  steppe_parallel(p->batch * s.blocks * s.parts,
                  1 + 16 * SMALL / (least(BLOCK_ROWS, p->m) * (p->n / s.parts + 1) * s.width), sum_task, &s);
}

long bf16_matmul_scratch(const bf16_product *p) {
  if (!p->batch || !p->m || !p->n) return 0;
  packed s = cut_of(p);
  return lay_out(&s, 0);
}
