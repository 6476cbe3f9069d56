/* Products with a vector, or nearly: where the terms of every sum lie side by side in both factors, and one of them has
 * so few rows that packing the other would take longer than to read it. */
#ifndef STEPPE_MATMUL_DOTS_H
#define STEPPE_MATMUL_DOTS_H

#include "matmul/product.h"

#pragma GCC visibility push(hidden)

int matmul_is_dots(const product *p);
void matmul_dots(const product *p);

#pragma GCC visibility pop
#endif
