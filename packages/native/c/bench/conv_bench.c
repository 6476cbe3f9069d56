/* Times the convolutions of WRN-16-1 and WRN-16-4 (28x28x1). Usage: conv_bench [batch] [threads] [repeats] [precision],
 * the precision 0 for float32, 1 for three products of bfloat16, 2 for one. Prints the least time of each direction,
 * its GFLOP/s and, of what multiply-adds in registers reach on as many threads, the percentage.
 *
 * cc -O3 -march=native -mprefer-vector-width=512 -ffp-contract=fast -fno-math-errno -pthread -I. bench/conv_bench.c
 *   $(git ls-files '*.c' | grep -Ev 'bench|probe') -lm -o /tmp/conv_bench */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "steppe.h"
#include "vector/vec.h"

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

#define CHAINS 12
#define ROUNDS 40000
static float sink[64][VL];
static void multiply_add(void *context, long begin, long end) {
  (void)context, (void)end;
  vf sum[CHAINS], a = splat(0.999f), b = splat(0.001f);
  UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = splat(i);
  for (long r = 0; r < ROUNDS; r++) {
    UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = sum[i] * a + b;
  }
  vf all = splat(0);
  UNROLL for (int i = 0; i < CHAINS; i++) all += sum[i];
  store(sink[begin % 64], all);
}

static double peak(int threads) {
  double best = 1e9;
  for (int i = 0; i < 300; i++) {
    double start = seconds();
    steppe_parallel(threads, 1, multiply_add, 0);
    double took = seconds() - start;
    if (took < best) best = took;
  }
  return 2.0 * VL * CHAINS * ROUNDS * threads / best / 1e9;
}

typedef struct {
  int c, o, size, k, stride;
} layer;

static float *filled(long count) {
  float *p = aligned_alloc(64, (count * 4 + 63) / 64 * 64 + 64);
  for (long i = 0; i < count; i++) p[i] = (float)((i * 2654435761u >> 8) % 2001) * 1e-3f - 1;
  return p;
}

static void time_layer(layer l, int n, double top, int repeats, int precision) {
  int out = l.size / l.stride;
  steppe_conv p = {n,   l.size,   l.size,   l.c, l.k, l.k,     l.o,     out,
                   out, l.stride, l.stride, 1,   1,   l.k / 2, l.k / 2, precision};
  if (l.stride == 2 && l.k == 3) p.pad_top = p.pad_left = 1;
  float *x = filled((long)n * l.size * l.size * l.c), *w = filled((long)l.k * l.k * l.c * l.o),
        *y = filled((long)n * out * out * l.o);
  double work = 2.0 * n * out * out * l.o * l.k * l.k * l.c, best[3] = {1e9, 1e9, 1e9};
  void *scratch[3];
  for (int which = 0; which < 3; which++) scratch[which] = filled(steppe_conv2d_scratch(&p, which) / 4);
  for (int i = 0; i < repeats; i++) {
    for (int which = 0; which < 3; which++) {
      double start = seconds();
      if (which == 0) steppe_conv2d(x, w, y, &p, 0, scratch[0]);
      if (which == 1) steppe_conv2d_input_grad(y, w, x, &p, scratch[1]);
      if (which == 2) steppe_conv2d_filter_grad(x, y, w, &p, scratch[2]);
      double took = seconds() - start;
      if (took < best[which]) best[which] = took;
    }
    for (long j = 0; j < (long)l.k * l.k * l.c * l.o; j++) w[j] = 0.01f;
    for (long j = 0; j < 4096; j++) x[j % ((long)n * l.size * l.size * l.c)] = 0.5f;
  }
  printf("%4d->%4d @%d %dx%d/%d b%d:", l.c, l.o, l.size, l.k, l.k, l.stride, n);
  for (int which = 0; which < 3; which++)
    printf("  %8.3f ms %6.1f %3.0f%%", best[which] * 1e3, work / best[which] / 1e9,
           100 * work / best[which] / 1e9 / top);
  printf("\n");
  free(x), free(w), free(y);
  for (int which = 0; which < 3; which++) free(scratch[which]);
}

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 32, threads = argc > 2 ? atoi(argv[2]) : 2,
      repeats = argc > 3 ? atoi(argv[3]) : 20, precision = argc > 4 ? atoi(argv[4]) : STEPPE_HIGHEST;
  steppe_set_matrix_unit(2);
  steppe_set_threads(threads);
  double top = peak(threads);
  printf("multiply-add peak, %d threads, vectors of %d: %.0f GFLOP/s\n", threads, VL, top);
  time_layer((layer){1, 16, 28, 3, 1}, n, top, repeats, precision);
  for (int k = 1; k <= 4; k += 3) {
    layer layers[] = {{16, 16 * k, 28, 3, 1},     {16 * k, 16 * k, 28, 3, 1}, {16, 16 * k, 28, 1, 1},
                      {16 * k, 32 * k, 28, 3, 2}, {16 * k, 32 * k, 28, 1, 2}, {32 * k, 32 * k, 14, 3, 1},
                      {32 * k, 64 * k, 14, 3, 2}, {32 * k, 64 * k, 14, 1, 2}, {64 * k, 64 * k, 7, 3, 1}};
    for (int i = 0; i < 9; i++) {
      if (k > 1 || i != 1) time_layer(layers[i], n, top, repeats, precision);
    }
  }
  return 0;
}
