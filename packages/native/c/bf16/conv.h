/* Convolutions whose operands are rounded to bfloat16; steppe_conv2d and its gradients hand over to these. */
#ifndef STEPPE_BF16_CONV_H
#define STEPPE_BF16_CONV_H

#include "bf16/bf16.h"

#pragma GCC visibility push(hidden)

/* The convolution, or its input gradient, which takes dy for x and gives dx for y. Nothing is empty but images, taps
 * and channels that are summed. */
long bf16_conv_scratch(const steppe_conv *p, int gradient);
void bf16_conv(const float *x, const float *w, float *y, const steppe_conv *p, int gradient, void *scratch);

long bf16_conv_filter_grad_scratch(const steppe_conv *p);
void bf16_conv_filter_grad(const float *x, const float *dy, float *dw, const steppe_conv *p, void *scratch);

#pragma GCC visibility pop
#endif
