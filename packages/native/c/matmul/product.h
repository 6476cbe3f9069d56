/* The matrix product, cut into blocks. */
#ifndef STEPPE_MATMUL_PRODUCT_H
#define STEPPE_MATMUL_PRODUCT_H

#include "steppe.h"

typedef struct {
  const float *a, *b;
  float *c, *panels, *slots;
  long batch, m, n, k, stride_a, stride_b;
  int transpose_a, transpose_b;
  int direct;                /* whole panels of b are read where they are */
  long block, blocks, parts; /* rows of c in a block, their number, and parts that the panels are cut into */
  long panel_stride;         /* floats of one packed matrix b */
} product;

/* Whether the panel that begins at column j is read from b itself. */
static inline int matmul_reads_b(const product *p, long j, long width) { return p->direct && j + width <= p->n; }

#endif
