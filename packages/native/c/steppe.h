/* The contract of Steppe's kernels: plain pointers, shapes and strides.
 *
 * Tensors are dense and row-major; images are [batch, height, width, channels], filters [height, width, in, out]. Sizes
 * and strides count elements unless a comment says bytes. Any extent may be 0. An output never overlaps an input unless
 * a comment allows it. Same inputs give the same bits for any number of threads.
 *
 * A function returns STEPPE_OK, or what is wrong, and then it has written nothing; it never aborts. What it cannot know
 * is how much memory is behind a pointer, and where indices lead that are not said to be checked. Everything else it
 * checks: operations, types, ranks, null pointers where memory is needed, negative extents, windows, and sizes. */
#ifndef STEPPE_H
#define STEPPE_H

#include <stdint.h>

#include "runtime/threads.h"

#define STEPPE_OK 0
#define STEPPE_OUT_OF_MEMORY 1
#define STEPPE_UNSUPPORTED 2
#define STEPPE_OUT_OF_RANGE 3

/* The most elements of a tensor, its border in a convolution included: then int strides reach them all, and the
 * elements of two tensors multiply without overflow. */
#define STEPPE_MOST_ELEMENTS INT32_MAX

/* ---- Precision (bf16/) ---- */

/* How convolutions and matrix products multiply. Sums and results are float32, whatever it is.
 * HIGHEST: in float32.
 * HIGH: each operand as the sum of two numbers of bfloat16, as three products: all but the product of the small ones.
 * DEFAULT: operands rounded to bfloat16, to nearest even.
 * In the last two, denormal numbers count as 0. */
enum { STEPPE_HIGHEST, STEPPE_HIGH, STEPPE_DEFAULT };

/* Asks for the instructions that multiply bfloat16: 0 for those of float32, 1 for AVX512-BF16, 2 for AMX. Gives what is
 * used from the next call on: less where the processor, the operating system or this build has less. 0 until asked. */
int steppe_set_matrix_unit(int wanted);

/* Whether a precision below HIGHEST takes less time than HIGHEST with the instructions in use. */
int steppe_bf16_pays(int precision);

/* Asks the system to back by large pages what of this memory spans whole ones (runtime/pages.c). A pass over a tensor
 * of many small pages waits for their addresses. A system that has none, or
 * refuses, is left as it is. */
int steppe_set_large_pages(const void *memory, long bytes);

/* ---- Convolution (conv/, winograd/), float32 ---- */

/* x[n,h,w,c] * w[kh,kw,c,o] = y[n,oh,ow,o]. Padding at the bottom and the right follows from oh and ow; that at the top
 * and the left is not negative. Strides and dilations are at least 1.
 * Depthwise: w[kh,kw,c,o/c], and o is the number of channels of y. */
typedef struct {
  int n, h, w, c, kh, kw, o, oh, ow, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
  int precision; /* depthwise convolutions are float32, whatever it is */
} steppe_conv;

/* What a convolution does in passing: y = act(conv(in(x)) + bias + residual), in(x) = relu(x * in_scale + in_shift).
 * A null pointer or a zero leaves its part out. The border of `pad` zeros is that of in(x). Only in HIGHEST. */
typedef struct {
  const float *in_scale, *in_shift; /* [c], both or neither */
  const float *bias;                /* [o] */
  const float *residual;            /* like y; may be y itself, to add to it */
  int in_relu, relu;
} steppe_conv_fusion;

#define STEPPE_CONV_FORWARD 0
#define STEPPE_CONV_INPUT_GRAD 1
#define STEPPE_CONV_FILTER_GRAD 2
#define STEPPE_DEPTHWISE_FORWARD 3
#define STEPPE_DEPTHWISE_INPUT_GRAD 4
#define STEPPE_DEPTHWISE_FILTER_GRAD 5

/* Bytes of scratch that the function `which` needs; its contents are free before and after. 0: scratch may be null.
 * Negative: the function will return STEPPE_UNSUPPORTED. */
long steppe_conv2d_scratch(const steppe_conv *p, int which);

int steppe_conv2d(const float *x, const float *w, float *y, const steppe_conv *p, const steppe_conv_fusion *fusion,
                  void *scratch);
int steppe_conv2d_input_grad(const float *dy, const float *w, float *dx, const steppe_conv *p, void *scratch);
/* Of a fusion it takes what is done to x. */
int steppe_conv2d_filter_grad(const float *x, const float *dy, float *dw, const steppe_conv *p,
                              const steppe_conv_fusion *fusion, void *scratch);

int steppe_depthwise(const float *x, const float *w, float *y, const steppe_conv *p, void *scratch);
int steppe_depthwise_input_grad(const float *dy, const float *w, float *dx, const steppe_conv *p, void *scratch);
int steppe_depthwise_filter_grad(const float *x, const float *dy, float *dw, const steppe_conv *p, void *scratch);

/* ---- Matrix product (matmul/), float32 ---- */

/* c[batch,m,n] = a[batch,m,k] b[batch,k,n]; transposed, a is [batch,k,m] and b [batch,n,k]. stride_a and stride_b are
 * the distances between the matrices of a batch; 0 repeats one matrix. k = 0 gives zeros. */
int steppe_matmul(const float *a, const float *b, float *c, long batch, long m, long n, long k, int transpose_a,
                  int transpose_b, long stride_a, long stride_b, int precision, void *scratch);
/* As steppe_conv2d_scratch. */
long steppe_matmul_scratch(long batch, long m, long n, long k, int transpose_a, int transpose_b, long stride_a,
                           long stride_b, int precision);

/* ---- Elementwise (elementwise/) ---- */

/* Element types: float, int32_t, and bool as uint8_t of 0 or 1. */
enum { STEPPE_FLOAT32, STEPPE_INT32, STEPPE_BOOL };

/* y[i] = op(x[i]); y may be x. The output type is that of x, except for the ops that ask (IS_NAN to LOGICAL_NOT), which
 * give bool. alpha and beta: the slope of LEAKY_RELU, the value of STEP for x <= 0, the bounds of CLIP. */
/* clang-format off */
enum {
  STEPPE_ABS, STEPPE_ACOS, STEPPE_ACOSH, STEPPE_ASIN, STEPPE_ASINH, STEPPE_ATAN, STEPPE_ATANH, STEPPE_CEIL, STEPPE_CLIP,
  STEPPE_COS, STEPPE_COSH, STEPPE_ELU, STEPPE_ERF, STEPPE_EXP, STEPPE_EXPM1, STEPPE_FLOOR, STEPPE_LEAKY_RELU,
  STEPPE_LOG, STEPPE_LOG1P, STEPPE_NEG, STEPPE_RECIPROCAL, STEPPE_RELU, STEPPE_RELU6, STEPPE_ROUND, STEPPE_RSQRT,
  STEPPE_SELU, STEPPE_SIGMOID, STEPPE_SIGN, STEPPE_SIN, STEPPE_SINH, STEPPE_SOFTPLUS, STEPPE_SQRT, STEPPE_SQUARE,
  STEPPE_STEP, STEPPE_TAN, STEPPE_TANH, STEPPE_SILU, STEPPE_GELU, STEPPE_IS_NAN, STEPPE_IS_INF, STEPPE_IS_FINITE,
  STEPPE_LOGICAL_NOT, STEPPE_UNARY_OPS
};
/* clang-format on */
int steppe_unary(int op, int type, const void *x, void *y, long n, double alpha, double beta);

/* y = op(a, b) over `shape`; y is dense, a and b have a stride for each dimension, 0 where they are broadcast. `layout`
 * is shape[rank], strides of a, strides of b; the last strides are 0 or 1. y may be a or b where that one is not
 * broadcast. The output type is the input type, except for EQUAL to LOGICAL_OR, which give bool. */
/* clang-format off */
enum {
  STEPPE_ADD, STEPPE_SUB, STEPPE_MUL, STEPPE_DIV, STEPPE_MAXIMUM, STEPPE_MINIMUM, STEPPE_POW,
  STEPPE_SQUARED_DIFFERENCE, STEPPE_MOD, STEPPE_FLOOR_DIV, STEPPE_ATAN2, STEPPE_PRELU, STEPPE_ELU_GRAD,
  STEPPE_RELU_GRAD, STEPPE_SILU_GRAD, STEPPE_GELU_GRAD, STEPPE_EQUAL, STEPPE_NOT_EQUAL, STEPPE_LESS,
  STEPPE_LESS_EQUAL, STEPPE_GREATER, STEPPE_GREATER_EQUAL, STEPPE_LOGICAL_AND, STEPPE_LOGICAL_OR, STEPPE_BINARY_OPS
};
/* clang-format on */
int steppe_binary(int op, int type, const void *a, const void *b, void *y, int rank, const int *layout);

/* y[i] = condition[i / repeat] ? a[i] : b[i], of elements of `size` bytes, 1 or 4. n is a multiple of repeat. */
int steppe_select(const uint8_t *condition, const void *a, const void *b, void *y, long n, long repeat, int size);

/* y[i] = x[i] in another type: to int32 truncates modulo 2^32 (NaN and infinity give 0), to bool asks for x != 0. */
int steppe_cast(int from, int to, const void *x, void *y, long n);

/* y[i] = value. */
int steppe_fill(int type, void *y, long n, double value);

/* y[i] = start + i * step, computed in double precision. */
int steppe_ramp(int type, void *y, long n, double start, double step);

/* ---- Reductions (reduce/) ---- */

/* y[outer,inner] = op over the middle of x[outer,reduced,inner]. SUM to PROD take float32 and, MEAN aside, int32 (in
 * double precision, then modulo 2^32), ALL and ANY bool. An empty reduction gives the neutral element. A NaN among the
 * terms is the result. */
enum { STEPPE_SUM, STEPPE_MEAN, STEPPE_MAX, STEPPE_MIN, STEPPE_PROD, STEPPE_ALL, STEPPE_ANY };
int steppe_reduce(int op, int type, const void *x, void *y, long outer, long reduced, long inner);

/* y = index of the first greatest (or least) element of the middle, which is not empty; comparisons with NaN are
 * false. */
int steppe_arg(int least, int type, const void *x, int32_t *y, long outer, long reduced, long inner);

/* The k greatest of each row of x[rows,n] in values[rows,k], in order, and where they stand in places[rows,k]; NaN
 * comes first, and of equals the one that stands first. k is at most n. */
int steppe_top(int type, const void *x, void *values, int32_t *places, long rows, long n, long k);

/* ---- Normalization (reduce/softmax.c, norm/), float32 ---- */

/* y = exp(x) / sum exp(x) in each row of [rows, n]. y may be x. */
int steppe_softmax(const float *x, float *y, long rows, long n);

/* Its gradient from its result: dx = y (dy - <dy, y>) in each row. */
int steppe_softmax_grad(const float *y, const float *dy, float *dx, long rows, long n);

/* y = (x - mean) / sqrt(variance + epsilon) * scale + offset for [rows, channels]; offset and scale may be null. */
int steppe_batch_norm(const float *x, const float *mean, const float *variance, const float *offset, const float *scale,
                      float *y, long rows, long channels, double epsilon);

/* The same with the statistics of the batch (norm/train.c), which are written to mean and variance (biased, NaN without
 * rows); then relu if asked. At most 1024 channels. */
int steppe_norm_train(const float *x, const float *scale, const float *offset, float *y, float *mean, float *variance,
                      long rows, long channels, double epsilon, int relu);

/* The same of sum = a + b, which is written too; sum may be a or b. */
int steppe_norm_train_add(const float *a, const float *b, float *sum, const float *scale, const float *offset, float *y,
                          float *mean, float *variance, long rows, long channels, double epsilon, int relu);

/* The statistics by themselves: of a, or, with b, of sum = a + b, which is written too and may be a or b. */
int steppe_norm_moments(const float *a, const float *b, float *sum, float *mean, float *variance, long rows,
                        long channels);

/* What makes y = x * factor + shift the normalization by some statistics, channel by channel: for steppe_conv_fusion.
 */
int steppe_norm_terms(const float *mean, const float *variance, const float *scale, const float *offset, float *factor,
                      float *shift, long channels, double epsilon);

/* The gradients of steppe_norm_train, through the statistics too, from its inputs and the statistics; dx may be dy. */
int steppe_norm_train_grad(const float *x, const float *dy, const float *mean, const float *variance,
                           const float *scale, const float *offset, float *dx, float *dscale, float *doffset, long rows,
                           long channels, double epsilon, int relu);

/* The same, with `other` added to dx, which may be `other` or dy. */
int steppe_norm_train_grad_add(const float *x, const float *dy, const float *mean, const float *variance,
                               const float *scale, const float *offset, const float *other, float *dx, float *dscale,
                               float *doffset, long rows, long channels, double epsilon, int relu);

/* The gradients of that gradient for dy, x and scale, from ddx, ddscale and ddoffset, the cotangents of what it
 * gives. */
int steppe_norm_train_second(const float *x, const float *dy, const float *ddx, const float *ddscale,
                             const float *ddoffset, const float *mean, const float *variance, const float *scale,
                             const float *offset, float *ddy, float *dx, float *dscale, long rows, long channels,
                             double epsilon, int relu);

/* The three with given statistics, which are constants (norm/eval.c). */
int steppe_norm_eval(const float *x, const float *mean, const float *variance, const float *scale, const float *offset,
                     float *y, long rows, long channels, double epsilon, int relu);
int steppe_norm_eval_grad(const float *x, const float *dy, const float *mean, const float *variance, const float *scale,
                          const float *offset, float *dx, float *dscale, float *doffset, long rows, long channels,
                          double epsilon, int relu);
int steppe_norm_eval_second(const float *x, const float *dy, const float *ddx, const float *ddscale,
                            const float *ddoffset, const float *mean, const float *variance, const float *scale,
                            const float *offset, float *ddy, float *dx, float *dscale, long rows, long channels,
                            double epsilon, int relu);

/* y = (x - mean) / sqrt(variance + epsilon) * scale + offset with the statistics of each row of [rows, n]
 * (norm/layer.c). */
int steppe_norm_layer(const float *x, const float *scale, const float *offset, float *y, long rows, long n,
                      double epsilon);

/* Its gradients, through the statistics too. */
int steppe_norm_layer_grad(const float *x, const float *dy, const float *scale, float *dx, float *dscale,
                           float *doffset, long rows, long n, double epsilon);

/* ---- Pooling (pool/), float32 ---- */

/* Windows of p (p->o = p->c) without the taps in the border: their maximum, or their average. */
int steppe_pool(const float *x, float *y, const steppe_conv *p, int average);

/* dx for dy; x is not read for averages. As in tfjs, each tap of an average gets dy / (kh kw), also at the border. */
int steppe_pool_grad(const float *x, const float *dy, float *dx, const steppe_conv *p, int average);

/* ---- Moving elements (move/); `size` and `bytes` count bytes ---- */

/* Copies a block of `shape` from x to y, each with its own strides (negative: reversed; 0 in x: repeated). `layout` is
 * shape[rank], strides of y, strides of x; size is 1 or 4. */
int steppe_copy(void *y, const void *x, int size, int rank, const int *layout);

/* STEPPE_OUT_OF_RANGE where one of n indices is outside [0, extent). */
int steppe_check_index(const int32_t *index, long n, long extent);

/* y[b,o,i] = x[b,o,index[b,i]] of slices of `bytes`; an index outside [0, extent) gives zeros. */
int steppe_gather(const void *x, const int32_t *index, void *y, long batches, long outer, long extent, long count,
                  long bytes);

/* y[s] = sum of the rows of x[rows,width] with segment[r] = s; rows of other segments are left out. */
int steppe_segment_sum(const float *x, const int32_t *segment, float *y, long rows, long width, long segments);

/* y[i,index[i]] = on, everything else off. */
int steppe_one_hot(const int32_t *index, void *y, int type, long n, long depth, double on, double off);

/* Pads the middle of [outer,extent] slices of `bytes` by reflection, with the edge repeated if symmetric. A border is
 * at most as wide as what it reflects. */
int steppe_mirror_pad(const void *x, void *y, int symmetric, long outer, long extent, long before, long after,
                      long bytes);

/* Running sums or products along the middle of [outer,extent,inner], of float32 or int32. */
int steppe_cumulate(const void *x, void *y, int type, int product, int exclusive, int reverse, long outer, long extent,
                    long inner);

/* ---- Random numbers (random.c): keys and counters are pairs of words
 * ---------------------------------------------------------------------------------------------------- */

/* child = Threefry-2x32 of the counter (first, second) under the key. */
int steppe_derive_key(const uint32_t *key, long first, long second, uint32_t *child);

/* Draws n numbers from the counters (0, 0), (1, 0), ... under a key, two each: uniform in [a, b), normal with mean 0
 * and variance 1, or 1 with probability a and else 0. */
enum { STEPPE_UNIFORM, STEPPE_NORMAL, STEPPE_BERNOULLI };
int steppe_draw(int distribution, const uint32_t *key, float *y, long n, double a, double b);

/* ---- Whole trees of parameters (tree/), float32; numbers that a step computes come as pointers ---- */

/* One leaf: what is read (a, b, c) and written (y, z), all of `size` elements. An output may be an input. */
typedef struct {
  long size;
  const float *a, *b, *c;
  float *y, *z;
} steppe_leaf;

/* The norm of all leaves together: of order 1 or 2, without overflow or underflow on the way, or the largest
 * magnitude. */
#define STEPPE_NORM_MAX 0
int steppe_tree_norm(const steppe_leaf *leaves, long count, int order, float *norm);

/* dot = sum of a b over all leaves, in double precision. */
int steppe_tree_dot(const steppe_leaf *leaves, long count, float *dot);

/* y = factor * a. */
int steppe_tree_scale(const steppe_leaf *leaves, long count, const float *factor);

/* y = factor * a, and the largest magnitude of all a together, NaN where there is one. */
int steppe_tree_pack(const steppe_leaf *leaves, long count, const float *factor, float *largest);

/* y = length * a / norm, and the norm of order 2 of all leaves together; zeros stay zeros. Right for every float but
 * infinity. */
int steppe_tree_normalize(const steppe_leaf *leaves, long count, const float *length, float *norm);

/* The first half of that: the norm, and factor = length / norm. */
int steppe_tree_factor(const steppe_leaf *leaves, long count, const float *length, float *norm, double *factor);

/* y = a + factor * b. */
int steppe_tree_add_scaled(const steppe_leaf *leaves, long count, const float *factor);

/* Momentum on weights a, gradients b and traces c: g = b + decay * a; z = momentum * c + g; y = a - rate * z, or with
 * nesterov y = a - rate * (momentum * z + g). */
int steppe_tree_momentum(const steppe_leaf *leaves, long count, const float *rate, const float *momentum,
                         const float *decay, int nesterov);

/* ---- Several operations in one pass over memory (tree/sweep.c), float32 ---- */

/* One of them, y = op(a, b) element by element: a, b and y are columns of the leaves, or one number for all where that
 * column is -1. The ops are those of the functions with these names, and give the same bits.
 * UNARY: y = op(a), with alpha = beta = 0. BINARY: y = op(a, b). SCALE: y = number * a; SCALE_DOUBLE: the number is a
 * double. ADD_SCALED: y = a + number * b. */
typedef struct {
  int64_t kind, op, a, b, y;
  const void *number;
} steppe_sweep_step;
enum {
  STEPPE_SWEEP_UNARY,
  STEPPE_SWEEP_BINARY,
  STEPPE_SWEEP_SCALE,
  STEPPE_SWEEP_SCALE_DOUBLE,
  STEPPE_SWEEP_ADD_SCALED,
  STEPPE_SWEEP_KINDS
};

/* At most so many columns, and so many of them without memory. */
#define STEPPE_SWEEP_COLUMNS 32
#define STEPPE_SWEEP_SLOTS 8

/* Runs the steps in their order. A leaf is 1 + columns words: its size, and a pointer for each column. Columns are the
 * same memory or apart. One that is null in every leaf is kept while it is needed, and is written before it is
 * read. */
int steppe_sweep(const steppe_sweep_step *steps, long step_count, const int64_t *leaves, long count, long columns);

#endif
