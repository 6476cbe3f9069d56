/* The gradient of a 3x3 filter, summed in the basis of winograd.h.
 *
 * The transpose of F(2x2, 3x3): patches of 4x4 of x times the gradients of 2x2 results, both in the other basis, are 16
 * products instead of 36, and the filter's gradient comes back by one last change of basis, once for all patches. */
#ifndef STEPPE_WINOGRAD_FILTER_GRAD_H
#define STEPPE_WINOGRAD_FILTER_GRAD_H

#include "steppe.h"

#pragma GCC visibility push(hidden)

/* Whether the convolution is one of these, and wide enough to gain. */
int winograd_filter_grad_fits(const steppe_conv *p);

long winograd_filter_grad_scratch(const steppe_conv *p);
void winograd_filter_grad(const float *x, const float *dy, float *dw, const steppe_conv *p,
                          const steppe_conv_fusion *fusion, void *scratch);

#pragma GCC visibility pop
#endif
