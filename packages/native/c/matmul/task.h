/* Blocks of a matrix product. */
#ifndef STEPPE_MATMUL_TASK_H
#define STEPPE_MATMUL_TASK_H

#include "matmul/product.h"

#pragma GCC visibility push(hidden)

/* Computes blocks [begin, end) of c. */
void matmul_task(void *context, long begin, long end);

/* Floats of a block of a transposed a, copied to run along its rows; 0 where it is read in place. */
long matmul_slot(const product *p);

#pragma GCC visibility pop
#endif
