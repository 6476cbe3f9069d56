/* What the depthwise convolution and its gradients share. */
#ifndef STEPPE_CONV_DEPTHWISE_H
#define STEPPE_CONV_DEPTHWISE_H

#include "conv/axis.h"
#include "steppe.h"

#pragma GCC visibility push(hidden)

/* Bytes at the start of scratch for x (or its gradient) with each channel o/c times; 0 where o = c. */
long depthwise_repeated_bytes(const steppe_conv *p, int which);

/* x with each channel o/c times, written to `repeated`. */
const float *depthwise_repeat(const float *x, const steppe_conv *p, float *repeated);

/* dx: the sums of the o/c neighbouring channels that come from one channel of x. */
void depthwise_collect(const float *repeated, const steppe_conv *p, float *dx);

/* Whether these are the extents of a depthwise convolution. */
int depthwise_fits(const steppe_conv *p);

long depthwise_scratch(const steppe_conv *p, int which);

#pragma GCC visibility pop
#endif
