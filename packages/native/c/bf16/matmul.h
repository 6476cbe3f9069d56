/* The matrix product of operands rounded to bfloat16, to which steppe_matmul hands over. */
#ifndef STEPPE_BF16_MATMUL_H
#define STEPPE_BF16_MATMUL_H

#include "bf16/bf16.h"

typedef struct {
  const float *a, *b;
  float *c;
  long batch, m, n, k, stride_a, stride_b;
  int transpose_a, transpose_b, precision;
} bf16_product;

#pragma GCC visibility push(hidden)

/* Neither batch, m nor n is 0. */
void bf16_matmul(const bf16_product *p, void *scratch);
long bf16_matmul_scratch(const bf16_product *p);

#pragma GCC visibility pop
#endif
