/* Odd reductions, normalizations, products and trees. */
#include "fuzz.h"

static int bytes_of(int type) { return type == STEPPE_BOOL ? 1 : 4; }

static void reductions(void) {
  const int op = fuzz_choice(STEPPE_ANY + 1), type = fuzz_choice(3), least = (int)fuzz_below(2);
  const long outer = fuzz_extent(), reduced = fuzz_below(20) ? fuzz_extent() : 40000, inner = fuzz_extent();
  void *x = READ(bytes_of(type), outer, reduced, inner), *y = WRITTEN(bytes_of(type), outer, inner);
  CALL("steppe_reduce", steppe_reduce(op, type, x, y, outer, reduced, inner));
  x = READ(bytes_of(type), outer, reduced, inner);
  int32_t *at = WRITTEN(4, outer, inner);
  CALL("steppe_arg", steppe_arg(least, type, x, at, outer, reduced, inner));
  const long k = fuzz_below(3) ? fuzz_extent() : reduced;
  x = READ(bytes_of(type), outer, reduced);
  void *values = WRITTEN(bytes_of(type), outer, k);
  at = WRITTEN(4, outer, k);
  CALL("steppe_top", steppe_top(type, x, values, at, outer, reduced, k));
}

static void gradients_of_gradients(long rows, long n, int relu) {
  for (int given = 0; given < 2; given++) {
    float *x = READ(4, rows, n), *dy = READ(4, rows, n), *mean = READ(4, n), *variance = READ(4, n),
          *scale = READ(4, n), *offset = READ(4, n), *dx = WRITTEN(4, rows, n), *dscale = WRITTEN(4, n),
          *ddx = READ(4, rows, n), *ddscale = READ(4, n), *ddoffset = READ(4, n), *ddy = WRITTEN(4, rows, n);
    CALL("the gradient of a gradient of batch normalization",
         (given ? steppe_norm_eval_second : steppe_norm_train_second)(
             x, dy, ddx, ddscale, ddoffset, mean, variance, scale, offset, ddy, dx, dscale, rows, n, 1e-5, relu));
  }
}

static void normalizations(void) {
  const long rows = fuzz_extent(), n = fuzz_extent();
  const int relu = (int)fuzz_below(2);
  float *x = READ(4, rows, n), *y = WRITTEN(4, rows, n);
  CALL("steppe_softmax", steppe_softmax(x, y, rows, n));
  x = READ(4, rows, n), y = READ(4, rows, n);
  float *dx = WRITTEN(4, rows, n);
  CALL("steppe_softmax_grad", steppe_softmax_grad(x, y, dx, rows, n));
  float *mean = READ(4, n), *variance = READ(4, n), *offset = fuzz_below(2) ? READ(4, n) : NULL,
        *scale = fuzz_below(2) ? READ(4, n) : NULL;
  x = READ(4, rows, n), y = WRITTEN(4, rows, n);
  CALL("steppe_batch_norm", steppe_batch_norm(x, mean, variance, offset, scale, y, rows, n, 1e-3));
  x = READ(4, rows, n), scale = READ(4, n), offset = READ(4, n);
  y = WRITTEN(4, rows, n), mean = WRITTEN(4, n), variance = WRITTEN(4, n);
  CALL("steppe_norm_train", steppe_norm_train(x, scale, offset, y, mean, variance, rows, n, 1e-5, relu));
  float *other = READ(4, rows, n), *sum = WRITTEN(4, rows, n);
  x = READ(4, rows, n), scale = READ(4, n), offset = READ(4, n);
  y = WRITTEN(4, rows, n), mean = WRITTEN(4, n), variance = WRITTEN(4, n);
  CALL("steppe_norm_train_add",
       steppe_norm_train_add(x, other, sum, scale, offset, y, mean, variance, rows, n, 1e-5, relu));
  other = fuzz_below(2) ? READ(4, rows, n) : NULL, sum = other || !fuzz_below(8) ? WRITTEN(4, rows, n) : NULL;
  x = READ(4, rows, n), mean = WRITTEN(4, n), variance = WRITTEN(4, n);
  CALL("steppe_norm_moments", steppe_norm_moments(x, other, sum, mean, variance, rows, n));
  float *factor = WRITTEN(4, n), *shift = WRITTEN(4, n);
  mean = READ(4, n), variance = READ(4, n), scale = READ(4, n), offset = READ(4, n);
  CALL("steppe_norm_terms", steppe_norm_terms(mean, variance, scale, offset, factor, shift, n, 1e-5));
  float *dy = READ(4, rows, n), *dscale = WRITTEN(4, n), *doffset = WRITTEN(4, n);
  x = READ(4, rows, n), mean = READ(4, n), variance = READ(4, n), scale = READ(4, n), offset = READ(4, n);
  dx = WRITTEN(4, rows, n), other = READ(4, rows, n);
  CALL("steppe_norm_train_grad_add", steppe_norm_train_grad_add(x, dy, mean, variance, scale, offset, other, dx, dscale,
                                                                doffset, rows, n, 1e-5, relu));
  dy = READ(4, rows, n), dscale = WRITTEN(4, n), doffset = WRITTEN(4, n);
  x = READ(4, rows, n), mean = READ(4, n), variance = READ(4, n), scale = READ(4, n), offset = READ(4, n);
  dx = WRITTEN(4, rows, n);
  CALL("steppe_norm_train_grad",
       steppe_norm_train_grad(x, dy, mean, variance, scale, offset, dx, dscale, doffset, rows, n, 1e-5, relu));
  x = READ(4, rows, n), mean = READ(4, n), variance = READ(4, n), scale = READ(4, n), offset = READ(4, n);
  y = WRITTEN(4, rows, n);
  CALL("steppe_norm_eval", steppe_norm_eval(x, mean, variance, scale, offset, y, rows, n, 1e-5, relu));
  x = READ(4, rows, n), dy = READ(4, rows, n), mean = READ(4, n), variance = READ(4, n), scale = READ(4, n);
  offset = READ(4, n), dx = WRITTEN(4, rows, n), dscale = WRITTEN(4, n), doffset = WRITTEN(4, n);
  CALL("steppe_norm_eval_grad",
       steppe_norm_eval_grad(x, dy, mean, variance, scale, offset, dx, dscale, doffset, rows, n, 1e-5, relu));
  gradients_of_gradients(rows, n, relu);
  x = READ(4, rows, n), scale = READ(4, n), offset = READ(4, n), y = WRITTEN(4, rows, n);
  CALL("steppe_norm_layer", steppe_norm_layer(x, scale, offset, y, rows, n, 1e-6));
  x = READ(4, rows, n), dy = READ(4, rows, n), scale = READ(4, n);
  dx = WRITTEN(4, rows, n), dscale = WRITTEN(4, n), doffset = WRITTEN(4, n);
  CALL("steppe_norm_layer_grad", steppe_norm_layer_grad(x, dy, scale, dx, dscale, doffset, rows, n, 1e-6));
}

static void products(void) {
  const long batch = fuzz_below(20) ? fuzz_below(3) : fuzz_extent(), m = fuzz_extent(), n = fuzz_extent(),
             k = fuzz_extent();
  const int ta = (int)fuzz_below(2), tb = (int)fuzz_below(2), a_repeats = (int)fuzz_below(2),
            b_repeats = (int)fuzz_below(2);
  long stride_a = a_repeats ? 0 : m * k, stride_b = b_repeats ? 0 : k * n;
  if (fuzz_below(60) == 0) stride_a = -1 - fuzz_below(9);
  const int precision = fuzz_choice(3);
  float *a = READ(4, a_repeats ? batch > 0 : batch, m, k), *b = READ(4, b_repeats ? batch > 0 : batch, k, n);
  float *c = WRITTEN(4, batch, m, n);
  const long bytes = steppe_matmul_scratch(batch, m, n, k, ta, tb, stride_a, stride_b, precision);
  void *scratch = SCRATCH(bytes < 0 ? 0 : bytes);
  CALL("steppe_matmul", steppe_matmul(a, b, c, batch, m, n, k, ta, tb, stride_a, stride_b, precision, scratch));
}

#define LEAVES 5

static const steppe_leaf *tree(long count, int writes) {
  static steppe_leaf leaves[LEAVES];
  for (long i = 0; i < count; i++) {
    const long size = fuzz_below(12) ? fuzz_extent() : 20000;
    leaves[i] = (steppe_leaf){.size = size, .a = READ(4, size), .b = READ(4, size), .c = READ(4, size)};
    if (writes) leaves[i].y = WRITTEN(4, size);
    if (writes > 1) leaves[i].z = WRITTEN(4, size);
  }
  return leaves;
}

static void trees(void) {
  const long count = fuzz_below(LEAVES);
  const int order = fuzz_choice(3), nesterov = (int)fuzz_below(2);
  const steppe_leaf *leaves = tree(count, 0);
  const long claimed = fuzz_below(40) ? count : -1;
  float *out = WRITTEN(4, 1);
  CALL("steppe_tree_norm", steppe_tree_norm(leaves, claimed, order, out));
  leaves = tree(count, 0), out = WRITTEN(4, 1);
  CALL("steppe_tree_dot", steppe_tree_dot(leaves, count, out));
  leaves = tree(count, 1);
  float *factor = READ(4, 1);
  CALL("steppe_tree_scale", steppe_tree_scale(leaves, count, factor));
  leaves = tree(count, 1), factor = READ(4, 1), out = WRITTEN(4, 1);
  CALL("steppe_tree_pack", steppe_tree_pack(leaves, count, factor, out));
  leaves = tree(count, 1), factor = READ(4, 1), out = WRITTEN(4, 1);
  CALL("steppe_tree_normalize", steppe_tree_normalize(leaves, count, factor, out));
  leaves = tree(count, 0), factor = READ(4, 1), out = WRITTEN(4, 1);
  double *ratio = WRITTEN(8, 1);
  CALL("steppe_tree_factor", steppe_tree_factor(leaves, count, factor, out, ratio));
  leaves = tree(count, 1), factor = READ(4, 1);
  CALL("steppe_tree_add_scaled", steppe_tree_add_scaled(leaves, count, factor));
  leaves = tree(count, 2);
  float *rate = READ(4, 1), *momentum = READ(4, 1), *decay = READ(4, 1);
  CALL("steppe_tree_momentum", steppe_tree_momentum(leaves, count, rate, momentum, decay, nesterov));
}

/* Steps over three columns in memory and one without: what is read, two that are written. */
static void sweeps(void) {
  enum { STEPS = 4, COLUMNS = 4 };
  const long count = fuzz_below(LEAVES);
  static int64_t leaves[LEAVES * (1 + COLUMNS)];
  for (long i = 0; i < count; i++) {
    const long size = fuzz_below(12) ? fuzz_extent() : 20000;
    int64_t *leaf = leaves + i * (1 + COLUMNS);
    leaf[0] = size, leaf[1] = (intptr_t)READ(4, size), leaf[2] = (intptr_t)WRITTEN(4, size);
    leaf[3] = (intptr_t)WRITTEN(4, size), leaf[4] = 0;
  }
  const double *number = READ(8, 1);
  static steppe_sweep_step steps[STEPS];
  /* Mostly what is right: each column is written before it is read. */
  static const int results[STEPS] = {3, 1, 2, 2}, operands[STEPS] = {0, 3, 1, 2};
  for (int i = 0; i < STEPS; i++) {
    const int kind = fuzz_choice(STEPPE_SWEEP_KINDS), constant = kind == STEPPE_SWEEP_BINARY && fuzz_below(2);
    const int op = fuzz_choice(kind == STEPPE_SWEEP_UNARY ? STEPPE_IS_NAN : STEPPE_EQUAL);
    const long none = fuzz_below(2) ? -2 : COLUMNS, b = fuzz_below(40) ? fuzz_below(i ? 2 : 1) * 3 : none;
    steps[i] = (steppe_sweep_step){kind, op, operands[i], constant ? -1 : b, results[i], number};
    if (fuzz_below(60) == 0) steps[i].a = none;
    if (fuzz_below(60) == 0) steps[i].number = NULL;
  }
  const long claimed = fuzz_below(40) ? count : -1;
  CALL("steppe_sweep", steppe_sweep(steps, STEPS, leaves, claimed, COLUMNS));
}

void fuzz_rows(void) {
  reductions();
  normalizations();
  products();
  trees();
  sweeps();
}
