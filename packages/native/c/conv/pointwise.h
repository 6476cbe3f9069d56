/* The gradient of a 1x1 filter: x transposed times dy, a matrix product over all positions. */
#ifndef STEPPE_CONV_POINTWISE_H
#define STEPPE_CONV_POINTWISE_H

#include "steppe.h"

#pragma GCC visibility push(hidden)

/* Whether the filter is one tap that meets an element of x at every position. */
int pointwise_filter_grad_fits(const steppe_conv *p);

long pointwise_filter_grad_scratch(const steppe_conv *p);
void pointwise_filter_grad(const float *x, const float *dy, float *dw, const steppe_conv *p,
                           const steppe_conv_fusion *fusion, void *scratch);

#pragma GCC visibility pop
#endif
