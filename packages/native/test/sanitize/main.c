/* Calls every kernel on shapes with ragged tails, for the sanitizers to watch. Inputs are exact allocations, so that a
 * read or write past an end is seen. Compiled and run by run.mjs. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steppe.h"

static void *room(long bytes) { return malloc(bytes > 0 ? bytes : 1); }

static float *floats(long n) {
  float *x = room(n * (long)sizeof(float));
  for (long i = 0; i < n; i++) x[i] = (float)((i * 2654435761u >> 8) % 2001) / 1000.0f - 1.0f;
  return x;
}

static void must(int status, const char *what) {
  if (status == STEPPE_OK || status == STEPPE_UNSUPPORTED) return;
  fprintf(stderr, "%s returned %d\n", what, status);
  exit(1);
}

static void convolutions(steppe_conv p) {
  long xs = (long)p.n * p.h * p.w * p.c, ys = (long)p.n * p.oh * p.ow * p.o, ws = (long)p.kh * p.kw * p.c * p.o;
  for (int call = 0; call < 9; call++) {
    int which = call % 3;
    p.precision = call / 3;
    float *x = floats(xs), *y = floats(ys), *w = floats(ws);
    void *scratch = room(steppe_conv2d_scratch(&p, which));
    if (which == STEPPE_CONV_FORWARD) must(steppe_conv2d(x, w, y, &p, NULL, scratch), "conv2d");
    else if (which == STEPPE_CONV_INPUT_GRAD) must(steppe_conv2d_input_grad(y, w, x, &p, scratch), "input_grad");
    else must(steppe_conv2d_filter_grad(x, y, w, &p, NULL, scratch), "filter_grad");
    free(x), free(y), free(w), free(scratch);
  }
  p.precision = STEPPE_HIGHEST;
  float *x = floats(xs), *y = floats(ys), *w = floats(ws), *terms = floats(p.c + p.c + p.o), *residual = floats(ys);
  void *scratch = room(steppe_conv2d_scratch(&p, STEPPE_CONV_FORWARD));
  steppe_conv_fusion fusion = {terms, terms + p.c, terms + 2 * p.c, residual, 1, 1};
  must(steppe_conv2d(x, w, y, &p, &fusion, scratch), "fused conv2d");
  free(scratch), scratch = room(steppe_conv2d_scratch(&p, STEPPE_CONV_FILTER_GRAD));
  fusion = (steppe_conv_fusion){.in_scale = terms, .in_shift = terms + p.c, .in_relu = 1};
  must(steppe_conv2d_filter_grad(x, y, w, &p, &fusion, scratch), "fused filter_grad");
  free(x), free(y), free(w), free(terms), free(residual), free(scratch);
}

static void depthwise(steppe_conv p, int multiplier) {
  p.o = p.c * multiplier;
  long xs = (long)p.n * p.h * p.w * p.c, ys = (long)p.n * p.oh * p.ow * p.o, ws = (long)p.kh * p.kw * p.o;
  for (int which = STEPPE_DEPTHWISE_FORWARD; which <= STEPPE_DEPTHWISE_FILTER_GRAD; which++) {
    float *x = floats(xs), *y = floats(ys), *w = floats(ws);
    void *scratch = room(steppe_conv2d_scratch(&p, which));
    if (which == STEPPE_DEPTHWISE_FORWARD) must(steppe_depthwise(x, w, y, &p, scratch), "depthwise");
    else if (which == STEPPE_DEPTHWISE_INPUT_GRAD)
      must(steppe_depthwise_input_grad(y, w, x, &p, scratch), "depthwise input_grad");
    else must(steppe_depthwise_filter_grad(x, y, w, &p, scratch), "depthwise filter_grad");
    free(x), free(y), free(w), free(scratch);
  }
}

static void pools(steppe_conv p) {
  p.o = p.c;
  long xs = (long)p.n * p.h * p.w * p.c, ys = (long)p.n * p.oh * p.ow * p.c;
  for (int average = 0; average < 2; average++) {
    float *x = floats(xs), *y = floats(ys), *dx = floats(xs);
    must(steppe_pool(x, y, &p, average), "pool");
    must(steppe_pool_grad(x, y, dx, &p, average), "pool_grad");
    free(x), free(y), free(dx);
  }
}

static void products(long batch, long m, long n, long k) {
  for (int flags = 0; flags < 12; flags++) {
    int ta = flags & 1, tb = flags >> 1 & 1, precision = flags >> 2;
    float *a = floats(batch * m * k), *b = floats(k * n), *c = floats(batch * m * n);
    void *scratch = room(steppe_matmul_scratch(batch, m, n, k, ta, tb, m * k, 0, precision));
    must(steppe_matmul(a, b, c, batch, m, n, k, ta, tb, m * k, 0, precision, scratch), "matmul");
    free(a), free(b), free(c), free(scratch);
  }
}

static void elementwise(int n) {
  float *x = floats(n), *y = floats(n);
  int32_t *integers = room(n * 4L);
  uint8_t *bools = room(n), *answers = room(n);
  for (int type = STEPPE_FLOAT32; type <= STEPPE_BOOL; type++)
    must(steppe_cast(STEPPE_FLOAT32, type, x, type == STEPPE_BOOL ? (void *)bools : integers, n), "cast");
  must(steppe_cast(STEPPE_FLOAT32, STEPPE_INT32, x, integers, n), "cast");
  for (int op = 0; op < STEPPE_UNARY_OPS; op++) {
    must(steppe_unary(op, STEPPE_FLOAT32, x, op >= STEPPE_IS_NAN ? (void *)answers : y, n, 0.5, 0.7), "unary");
    if (op < STEPPE_IS_NAN) must(steppe_unary(op, STEPPE_INT32, integers, y, n, 0, 1), "unary");
  }
  int layouts[][9] = {{1, n, 1, 1}, {1, n, 1, 0}, {2, 3, n / 3, n / 3, 1, 0, 1}, {2, 3, n / 3, 1, 0, n / 3, 1}};
  for (int op = 0; op < STEPPE_BINARY_OPS; op++)
    for (int l = 0; l < 4; l++) {
      if (n < 3) continue;
      void *out = op >= STEPPE_EQUAL ? (void *)answers : y;
      must(steppe_binary(op, STEPPE_FLOAT32, x, x, out, layouts[l][0], layouts[l] + 1), "binary");
      must(steppe_binary(op, STEPPE_INT32, integers, integers, out, layouts[l][0], layouts[l] + 1), "binary");
      must(steppe_binary(op, STEPPE_BOOL, bools, bools, answers, layouts[l][0], layouts[l] + 1), "binary");
    }
  must(steppe_select(bools, x, x, y, n, 1, 4), "select");
  must(steppe_fill(STEPPE_FLOAT32, y, n, 1), "fill");
  must(steppe_ramp(STEPPE_FLOAT32, y, n, 0, 1), "ramp");
  must(steppe_softmax(x, y, 1, n), "softmax");
  free(x), free(y), free(integers), free(bools), free(answers);
}

static void reductions(long outer, long reduced, long inner) {
  float *x = floats(outer * reduced * inner), *y = floats(outer * inner);
  for (int op = STEPPE_SUM; op <= STEPPE_PROD; op++)
    must(steppe_reduce(op, STEPPE_FLOAT32, x, y, outer, reduced, inner), "reduce");
  must(steppe_arg(0, STEPPE_FLOAT32, x, (int32_t *)y, outer, reduced, inner), "arg");
  int32_t *places = malloc((outer * reduced * inner + 1) * sizeof *places);
  float *top = floats(outer * reduced * inner);
  for (long k = 0; k <= inner; k += inner / 3 + 1)
    must(steppe_top(STEPPE_FLOAT32, x, top, places, outer * reduced, inner, k), "top");
  free(places), free(top);
  free(x), free(y);
}

static void normalizations(long rows, long channels) {
  float *x = floats(rows * channels), *y = floats(rows * channels), *dx = floats(rows * channels),
        *ddy = floats(rows * channels), *terms = floats(6 * channels);
  for (long i = 0; i < channels; i++) terms[i] = 1;
  float *scale = terms, *offset = scale + channels, *mean = offset + channels, *variance = mean + channels,
        *ds = variance + channels;
  for (int relu = 0; relu < 2; relu++) {
    must(steppe_norm_train(x, scale, offset, y, mean, variance, rows, channels, 1e-5, relu), "norm_train");
    must(steppe_norm_moments(x, NULL, NULL, mean, variance, rows, channels), "norm_moments");
    must(steppe_norm_moments(x, y, dx, mean, variance, rows, channels), "norm_moments of a sum");
    must(steppe_norm_terms(mean, variance, scale, offset, ds, ds + channels, channels, 1e-5), "norm_terms");
    must(steppe_norm_train_grad(x, y, mean, variance, scale, offset, y, ds, ds + channels, rows, channels, 1e-5, relu),
         "norm_train_grad");
    must(steppe_norm_train_second(x, y, y, scale, offset, mean, variance, scale, offset, ddy, dx, ds, rows, channels,
                                  1e-5, relu),
         "norm_train_second");
    must(steppe_norm_eval(x, mean, variance, scale, offset, y, rows, channels, 1e-5, relu), "norm_eval");
    must(steppe_norm_eval_grad(x, y, mean, variance, scale, offset, dx, ds, ds + channels, rows, channels, 1e-5, relu),
         "norm_eval_grad");
    must(steppe_norm_eval_second(x, y, y, scale, offset, mean, variance, scale, offset, ddy, dx, ds, rows, channels,
                                 1e-5, relu),
         "norm_eval_second");
  }
  must(steppe_batch_norm(x, mean, variance, NULL, scale, y, rows, channels, 1e-5), "batch_norm");
  must(steppe_norm_layer(x, scale, offset, y, rows, channels, 1e-6), "norm_layer");
  must(steppe_norm_layer_grad(x, y, scale, dx, ds, ds + channels, rows, channels, 1e-6), "norm_layer_grad");
  must(steppe_softmax_grad(x, y, dx, rows, channels), "softmax_grad");
  free(x), free(y), free(terms), free(dx), free(ddy);
}

static void copies(void) {
  enum { A = 5, B = 17, C = 33 };
  float *x = floats(A * B * C), *y = floats(A * B * C);
  int transpose[] = {B, A, C, A * C, C, 1, C, B * C, 1}, inner[] = {A, C, B, B * C, B, 1, B * C, 1, C};
  must(steppe_copy(y, x, 4, 3, transpose), "copy");
  must(steppe_copy(y, x, 4, 3, inner), "copy");
  int32_t index[] = {0, 4, 2};
  must(steppe_gather(x, index, y, 1, 1, A, 3, B * C * 4), "gather");
  must(steppe_segment_sum(x, index, y, 3, B * C, A), "segment_sum");
  must(steppe_one_hot(index, y, STEPPE_FLOAT32, 3, 7, 1, 0), "one_hot");
  must(steppe_mirror_pad(x, y, 1, 1, A, 0, 0, B * C * 4), "mirror_pad");
  must(steppe_cumulate(x, y, STEPPE_FLOAT32, 0, 1, 1, A, B, C), "cumulate");
  free(x), free(y);
}

static void trees(void) {
  long sizes[] = {0, 1, 16385, 40000};
  float *buffers[4][5], numbers[] = {0.1f, 0.9f, 1e-4f}, norm;
  steppe_leaf leaves[4];
  for (int i = 0; i < 4; i++) {
    for (int j = 0; j < 5; j++) buffers[i][j] = floats(sizes[i]);
    leaves[i] = (steppe_leaf){sizes[i], buffers[i][0], buffers[i][1], buffers[i][2], buffers[i][3], buffers[i][4]};
  }
  for (int order = 0; order < 3; order++) must(steppe_tree_norm(leaves, 4, order, &norm), "tree_norm");
  must(steppe_tree_dot(leaves, 4, &norm), "tree_dot");
  must(steppe_tree_scale(leaves, 4, numbers), "tree_scale");
  must(steppe_tree_pack(leaves, 4, numbers, &norm), "tree_pack");
  must(steppe_tree_normalize(leaves, 4, numbers, &norm), "tree_normalize");
  double factor;
  must(steppe_tree_factor(leaves, 4, numbers, &norm, &factor), "tree_factor");
  must(steppe_tree_add_scaled(leaves, 4, numbers), "tree_add_scaled");
  must(steppe_tree_momentum(leaves, 4, numbers, numbers + 1, numbers + 2, 1), "tree_momentum");
  int64_t rows[4][5];
  for (int i = 0; i < 4; i++) {
    rows[i][0] = sizes[i], rows[i][4] = 0;
    for (int j = 0; j < 3; j++) rows[i][1 + j] = (intptr_t)buffers[i][j];
  }
  const steppe_sweep_step steps[] = {{STEPPE_SWEEP_SCALE, 0, 0, -1, 3, numbers},
                                     {STEPPE_SWEEP_ADD_SCALED, 0, 3, 1, 2, numbers},
                                     {STEPPE_SWEEP_UNARY, STEPPE_EXP, 2, -1, 3, NULL},
                                     {STEPPE_SWEEP_BINARY, STEPPE_ADD, 3, 0, 2, NULL}};
  must(steppe_sweep(steps, 4, rows[0], 4, 4), "sweep");
  for (int i = 0; i < 20; i++) free(buffers[i / 5][i % 5]);
}

static void *caller(void *argument) {
  for (int i = 0; i < 50; i++) {
    steppe_set_threads(1 + i % 4);
    reductions(1, 40000, 3), trees();
  }
  return argument;
}

/* Two threads call at the same time, while the number of threads that take part changes. */
static void callers(void) {
  pthread_t other;
  if (pthread_create(&other, NULL, caller, NULL)) exit(1);
  caller(NULL);
  pthread_join(other, NULL);
}

int main(void) {
  steppe_set_threads(3);
  static const int channels[] = {1, 3, 16, 33, 64};
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < 5; j++) {
      steppe_set_matrix_unit(j % 3);
      steppe_conv same = {2, 9, 7, channels[i], 3, 3, channels[j], 9, 7, 1, 1, 1, 1, 1, 1};
      steppe_conv strided = {2, 9, 7, channels[i], 3, 3, channels[j], 5, 4, 2, 2, 1, 1, 1, 1};
      steppe_conv wide = {1, 6, 6, channels[i], 2, 1, channels[j], 5, 6, 1, 1, 1, 1, 0, 0};
      convolutions(same), convolutions(strided), convolutions(wide);
      depthwise(same, j % 3 + 1), depthwise(strided, j % 3 + 1);
      pools(same), pools(strided);
      products(2, channels[i], channels[j], 37);
    }
  static const int lengths[] = {0, 1, 15, 16, 17, 100, 40000};
  for (int i = 0; i < 7; i++) elementwise(lengths[i]);
  for (int i = 0; i < 5; i++)
    reductions(3, 77, channels[i]), reductions(1, 40000, channels[i]), normalizations(1000, channels[i]);
  copies();
  trees();
  callers();
  puts("done");
  return 0;
}
