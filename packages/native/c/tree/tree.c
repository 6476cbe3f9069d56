/* What a step does to a whole tree of parameters, in one call over all leaves. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/check.h"
#include "steppe.h"
#include "tree/blocks.h"
#include "tree/loops.h"
#include "vector/vec.h"

typedef struct {
  const steppe_leaf *leaves;
  const long *first; /* the number of the first block of each leaf, and of all blocks at the end */
  long count;
  double *partial;
  double factor;
  float momentum, rate, decay;
  int nesterov;
} tree_context;

/* Finds the leaf and the part of it that a block covers. */
static inline const steppe_leaf *leaf_of(const tree_context *c, long block, long *from, long *to) {
  const long number = leaf_at(c->first, c->count, block);
  const steppe_leaf *leaf = c->leaves + number;
  *from = (block - c->first[number]) * BLOCK;
  *to = *from + BLOCK < leaf->size ? *from + BLOCK : leaf->size;
  return leaf;
}

typedef enum { NOTHING, THE_SUM, THE_MOST } result_of;

/* Whether every leaf is a tensor, with what a function reads and writes of it. */
static int leaves_fit(const steppe_leaf *leaves, long count, int reads_b, int reads_c, int writes_y, int writes_z) {
  if (count < 0 || count > STEPPE_MOST_ELEMENTS || (count && !leaves)) return 0;
  for (const steppe_leaf *l = leaves; l < leaves + count; l++) {
    if (!FITS(l->size)) return 0;
    if (l->size && !(l->a && (l->b || !reads_b) && (l->c || !reads_c) && (l->y || !writes_y) && (l->z || !writes_z)))
      return 0;
  }
  return 1;
}

/* Runs a task over every block of every leaf, and folds the numbers that it leaves for each, in the order of the
 * blocks. */
static int run(tree_context *c, steppe_task task, result_of fold, double *result) {
  long *first = malloc((c->count + 1) * sizeof(long)), blocks = 0;
  if (!first) return STEPPE_OUT_OF_MEMORY;
  for (long i = 0; i < c->count; i++) {
    first[i] = blocks;
    blocks += blocks_of(c->leaves[i].size);
  }
  first[c->count] = blocks;
  double *partial = malloc((blocks + 1) * sizeof(double));
  if (!partial) {
    free(first);
    return STEPPE_OUT_OF_MEMORY;
  }
  c->first = first, c->partial = partial;
  steppe_parallel(blocks, 1, task, c);
  if (fold != NOTHING) *result = 0;
  for (long b = 0; fold != NOTHING && b < blocks; b++)
    *result = fold == THE_SUM ? *result + partial[b] : partial[b] > *result ? partial[b] : *result;
  free(partial), free(first);
  return STEPPE_OK;
}

/* Sums TERM, a double, over the elements of each block, in lanes of a fixed number. In double precision squares of
 * floats neither overflow nor vanish, so nothing has to be scaled by the largest element first. */
#define LANES 32
#define SUM_TASK(NAME, TERM)                                                                             \
  static void NAME(void *context, long begin, long end) {                                                \
    const tree_context *c = context;                                                                     \
    for (long block = begin; block < end; block++) {                                                     \
      long from, to;                                                                                     \
      const steppe_leaf *leaf = leaf_of(c, block, &from, &to);                                           \
      const float *a = leaf->a, *b = leaf->b;                                                            \
      (void)b;                                                                                           \
      double sums[LANES] = {0}, total = 0;                                                               \
      long i = from;                                                                                     \
      for (; i + LANES <= to; i += LANES) UNROLL for (int l = 0; l < LANES; l++) sums[l] += TERM(i + l); \
      for (; i < to; i++) total += TERM(i);                                                              \
      for (int l = 0; l < LANES; l++) total += sums[l];                                                  \
      c->partial[block] = total;                                                                         \
    }                                                                                                    \
  }

#define SQUARE(i) ((double)a[i] * (double)a[i])
#define MAGNITUDE(i) fabs((double)a[i])
#define PRODUCT(i) ((double)a[i] * (double)b[i])
SUM_TASK(squares_task, SQUARE)
SUM_TASK(magnitudes_task, MAGNITUDE)
SUM_TASK(products_task, PRODUCT)

/* Without their sign the bits of floats are ordered as the floats are, infinity above all numbers and NaN above
 * infinity. */
static void largest_task(void *context, long begin, long end) {
  const tree_context *c = context;
  for (long block = begin; block < end; block++) {
    long from, to;
    const float *a = leaf_of(c, block, &from, &to)->a;
    uint32_t largest = 0, bits;
    for (long i = from; i < to; i++) {
      memcpy(&bits, a + i, 4);
      bits &= 0x7fffffffu;
      largest = bits > largest ? bits : largest;
    }
    c->partial[block] = largest;
  }
}

int steppe_tree_norm(const steppe_leaf *leaves, long count, int order, float *norm) {
  REQUIRE(leaves_fit(leaves, count, 0, 0, 0, 0) && norm && (order == STEPPE_NORM_MAX || order == 1 || order == 2));
  tree_context c = {.leaves = leaves, .count = count};
  double result;
  const int most = order == STEPPE_NORM_MAX;
  if (run(&c, most ? largest_task : order == 1 ? magnitudes_task : squares_task, most ? THE_MOST : THE_SUM, &result))
    return STEPPE_OUT_OF_MEMORY;
  const uint32_t bits = most ? (uint32_t)result : 0;
  if (most) memcpy(norm, &bits, 4);
  else *norm = (float)(order == 1 ? result : sqrt(result));
  return STEPPE_OK;
}

int steppe_tree_dot(const steppe_leaf *leaves, long count, float *dot) {
  REQUIRE(leaves_fit(leaves, count, 1, 0, 0, 0) && dot);
  tree_context c = {.leaves = leaves, .count = count};
  double sum;
  if (run(&c, products_task, THE_SUM, &sum)) return STEPPE_OUT_OF_MEMORY;
  *dot = (float)sum;
  return STEPPE_OK;
}

static void scale_task(void *context, long begin, long end) {
  const tree_context *c = context;
  for (long block = begin; block < end; block++) {
    long from, to;
    const steppe_leaf *leaf = leaf_of(c, block, &from, &to);
    scale_run(leaf->a + from, leaf->y + from, to - from, c->factor);
  }
}

int steppe_tree_scale(const steppe_leaf *leaves, long count, const float *factor) {
  REQUIRE(leaves_fit(leaves, count, 0, 0, 1, 0) && factor);
  tree_context c = {.leaves = leaves, .count = count, .factor = *factor};
  return run(&c, scale_task, NOTHING, NULL);
}

static void pack_task(void *context, long begin, long end) {
  const tree_context *c = context;
  const float factor = (float)c->factor;
  for (long block = begin; block < end; block++) {
    long from, to;
    const steppe_leaf *leaf = leaf_of(c, block, &from, &to);
    const float *a = leaf->a;
    float *y = leaf->y;
    uint32_t largest = 0;
    INDEPENDENT for (long i = from; i < to; i++) {
      const float x = a[i];
      uint32_t bits;
      memcpy(&bits, &x, 4);
      bits &= 0x7fffffffu;
      largest = bits > largest ? bits : largest;
      y[i] = x * factor;
    }
    c->partial[block] = largest;
  }
}

int steppe_tree_pack(const steppe_leaf *leaves, long count, const float *factor, float *largest) {
  REQUIRE(leaves_fit(leaves, count, 0, 0, 1, 0) && THERE(factor, largest));
  tree_context c = {.leaves = leaves, .count = count, .factor = *factor};
  double result;
  if (run(&c, pack_task, THE_MOST, &result)) return STEPPE_OUT_OF_MEMORY;
  const uint32_t bits = (uint32_t)result;
  memcpy(largest, &bits, 4);
  return STEPPE_OK;
}

int steppe_tree_factor(const steppe_leaf *leaves, long count, const float *length, float *norm, double *factor) {
  REQUIRE(leaves_fit(leaves, count, 0, 0, 0, 0) && THERE(length, norm, factor));
  tree_context c = {.leaves = leaves, .count = count};
  double sum;
  if (run(&c, squares_task, THE_SUM, &sum)) return STEPPE_OUT_OF_MEMORY;
  const double root = sqrt(sum);
  *norm = (float)root;
  /* An infinite element has no direction. */
  *factor = root == 0 ? 0 : isinf(root) ? (double)NAN : *length / root;
  return STEPPE_OK;
}

int steppe_tree_normalize(const steppe_leaf *leaves, long count, const float *length, float *norm) {
  REQUIRE(leaves_fit(leaves, count, 0, 0, 1, 0));
  tree_context c = {.leaves = leaves, .count = count};
  const int status = steppe_tree_factor(leaves, count, length, norm, &c.factor);
  return status ? status : run(&c, scale_task, NOTHING, NULL);
}

static void add_scaled_task(void *context, long begin, long end) {
  const tree_context *c = context;
  for (long block = begin; block < end; block++) {
    long from, to;
    const steppe_leaf *leaf = leaf_of(c, block, &from, &to);
    add_scaled_run(leaf->a + from, leaf->b + from, leaf->y + from, to - from, (float)c->factor);
  }
}

int steppe_tree_add_scaled(const steppe_leaf *leaves, long count, const float *factor) {
  REQUIRE(leaves_fit(leaves, count, 1, 0, 1, 0) && factor);
  tree_context c = {.leaves = leaves, .count = count, .factor = *factor};
  return run(&c, add_scaled_task, NOTHING, NULL);
}

static void momentum_task(void *context, long begin, long end) {
  const tree_context *c = context;
  const float momentum = c->momentum, rate = c->rate, decay = c->decay, ahead = c->nesterov ? momentum : 0.0f;
  for (long block = begin; block < end; block++) {
    long from, to;
    const steppe_leaf *leaf = leaf_of(c, block, &from, &to);
    const float *w = leaf->a, *g = leaf->b, *trace = leaf->c;
    float *next = leaf->y, *moved = leaf->z;
    INDEPENDENT for (long i = from; i < to; i++) {
      const float gradient = g[i] + decay * w[i], velocity = momentum * trace[i] + gradient;
      const float direction = c->nesterov ? ahead * velocity + gradient : velocity;
      moved[i] = velocity;
      next[i] = w[i] - rate * direction;
    }
  }
}

int steppe_tree_momentum(const steppe_leaf *leaves, long count, const float *rate, const float *momentum,
                         const float *decay, int nesterov) {
  REQUIRE(leaves_fit(leaves, count, 1, 1, 1, 1) && THERE(rate, momentum, decay));
  tree_context c = {
      .leaves = leaves, .count = count, .momentum = *momentum, .rate = *rate, .decay = *decay, .nesterov = nesterov};
  return run(&c, momentum_task, NOTHING, NULL);
}
