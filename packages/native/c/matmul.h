/* The matrix product, cut into blocks. */
#ifndef STEPPE_MATMUL_H
#define STEPPE_MATMUL_H

#include "steppe.h"

typedef struct {
  const float *a, *b;
  float *c, *panels, *slots;
  long batch, m, n, k, stride_a, stride_b;
  int transpose_a, transpose_b;
  int direct;                         /* whole panels of b are read where they are */
  long block, blocks, parts;          /* rows of c in a block, their number, and parts that the panels are cut into */
  long panel_stride;                  /* floats of one packed matrix b */
} product;

#pragma GCC visibility push(hidden)

product matmul_cut(long batch, long m, long n, long k, int transpose_a, int transpose_b, long stride_a, long stride_b);

/* Products with a vector, or nearly: where the terms of every sum lie side by side in both factors, and one of them has
 * so few rows that packing the other would take longer than to read it. */
int matmul_is_dots(const product *p);
void matmul_dots(const product *p);

/* Packs what is not read directly of b into panels of columns, each with a row for every k. */
void matmul_pack(const product *p);

/* Computes blocks [begin, end) of c. */
void matmul_task(void *context, long begin, long end);

/* Whether the panel that begins at column j is read from b itself. */
static inline int matmul_reads_b(const product *p, long j, long width) { return p->direct && j + width <= p->n; }

/* Floats of a block of a transposed a, copied to run along its rows; 0 where it is read in place. */
long matmul_slot(const product *p);

/* Terms summed at once: so much of a panel of b stays in the second-level cache, and of a tile's rows in the first. */
#define MATMUL_DEPTH 384

#pragma GCC visibility pop
#endif
