#include "matmul/task.h"

#include <string.h>

#include "runtime/common.h"
#include "tile/tile.h"

/* Terms summed at once: so much of a panel of b stays in the second-level cache, and of a tile's rows in the first. */
#define DEPTH 384

/* A piece of c, one panel wide, and where its factors come from. */
typedef struct {
  const float *a, *b;
  long a_step, b_step; /* from row to row of a as it is read, and of the panel */
  long depth, c_step;
  float *c;
  int vectors, transposed;
  int first; /* c holds nothing yet */
} tile;

/* Computes the tallest tile that fits into the piece; returns its height. */
static int run_tile(const tile *t, float *c, long c_step, long rows) {
  int height;
  if (t->transposed) {
    tile_outer add = tile_outer_of(t->vectors, rows, &height);
    tile_walk walk = {.images = 1, .rows = 1, .cols = t->depth, .a_col = t->a_step, .b_col = t->b_step};
    for (int i = 0; t->first && i < height; i++) memset(c + i * c_step, 0, t->vectors * VL * sizeof(float));
    add(t->a, t->b, &walk, c, c_step);
    return height;
  }
  tile_gather add = tile_gather_of(t->vectors, rows, &height);
  tile_taps taps = {.rows = 1, .cols = 1, .run = t->depth, .w_step = t->b_step};
  const float *x[TILE_MAX_HEIGHT];
  float *y[TILE_MAX_HEIGHT];
  for (int i = 0; i < height; i++) {
    x[i] = t->a + i * t->a_step;
    y[i] = c + i * c_step;
  }
  add(x, &taps, t->b, t->first ? 0 : (const float *const *)y, y);
  return height;
}

/* The same where c has fewer columns than the panel: in a tile of its own, copied in and out. */
static int run_ragged(const tile *t, long columns, long rows) {
  float spare[TILE_MAX_HEIGHT * TILE_WIDTH] = {0};
  for (int i = 0; !t->first && i < TILE_MAX_HEIGHT && i < rows; i++)
    memcpy(spare + i * TILE_WIDTH, t->c + i * t->c_step, columns * sizeof(float));
  int height = run_tile(t, spare, TILE_WIDTH, rows);
  for (int i = 0; i < height; i++) memcpy(t->c + i * t->c_step, spare + i * TILE_WIDTH, columns * sizeof(float));
  return height;
}

/* A transposed a is read across its rows: where these are long, the lines of a tile fall on few sets of the cache and
 * on many pages, so a block is copied to rows of its own. Their length is an odd number of lines. */
#define LONG_ROWS 512
static long slot_row(const product *p) { return (p->block + 31) / 32 * 32 + 16; }
long matmul_slot(const product *p) { return p->transpose_a && p->m > LONG_ROWS ? DEPTH * slot_row(p) : 0; }

static void run_block(const product *p, long matrix, long begin, long end, long from, long to, float *slot) {
  const float *a = p->a + matrix * p->stride_a, *b = p->b + matrix * p->stride_b;
  const float *panels = p->panels + (p->stride_b ? matrix : 0) * p->panel_stride;
  for (long k = 0; k == 0 || k < p->k; k += DEPTH) {
    tile t = {.depth = least(DEPTH, p->k - k),
              .first = k == 0,
              .transposed = p->transpose_a,
              .c_step = p->n,
              .a_step = p->transpose_a ? p->m : p->k};
    const float *rows = p->transpose_a ? a + k * p->m + begin : a + begin * p->k + k;
    if (matmul_slot(p)) {
      t.a_step = slot_row(p);
      for (long i = 0; i < t.depth; i++) memcpy(slot + i * t.a_step, rows + i * p->m, (end - begin) * sizeof(float));
      rows = slot;
    }
    for (long j = from; j < to; j += TILE_WIDTH) {
      t.vectors = panel_vectors(p->n, j);
      long columns = least(t.vectors * VL, p->n - j);
      int in_place = matmul_reads_b(p, j, t.vectors * VL);
      t.b_step = in_place ? p->n : t.vectors * VL;
      t.b = in_place ? b + k * p->n + j : panels + j * p->k + k * t.b_step;
      for (long i = begin; i < end;) {
        t.a = rows + (i - begin) * (p->transpose_a ? 1 : t.a_step);
        t.c = p->c + (matrix * p->m + i) * p->n + j;
        i += columns < t.vectors * VL ? run_ragged(&t, columns, end - i) : run_tile(&t, t.c, t.c_step, end - i);
      }
    }
  }
}

void matmul_task(void *context, long begin, long end) {
  const product *p = context;
  long panels = (p->n + TILE_WIDTH - 1) / TILE_WIDTH;
  for (long task = begin; task < end; task++) {
    long part = task % p->parts, block = task / p->parts % p->blocks, matrix = task / p->parts / p->blocks;
    long from = part * panels / p->parts * TILE_WIDTH, to = least((part + 1) * panels / p->parts * TILE_WIDTH, p->n);
    run_block(p, matrix, block * p->block, least((block + 1) * p->block, p->m), from, to,
              p->slots + task * matmul_slot(p));
  }
}
