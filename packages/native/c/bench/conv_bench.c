/* Times the convolutions of networks, for tools/bench/convolutions.mjs.
 *   conv_bench threads repeats precision network library [another library, in turns]
 * The precision is 0 for float32, 1 for three products of bfloat16, 2 for one. Prints a line of JSON for each layer:
 * how many the network has, its work, what multiply-adds in registers reach, and of each library and direction the
 * least seconds.
 *
 * cc -O3 -march=native -mprefer-vector-width=512 -ffp-contract=fast -I. bench/conv_bench.c -ldl -o /tmp/conv_bench */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "steppe.h"
#include "vector/vec.h"

#define DIRECTIONS 3
#define MOST_LIBRARIES 2

typedef struct {
  void (*set_threads)(int);
  int (*set_matrix_unit)(int);
  void (*parallel)(long, long, void (*)(void *, long, long), void *);
  long (*scratch)(const steppe_conv *, int);
  __typeof__(steppe_conv2d) *forward;
  __typeof__(steppe_conv2d_input_grad) *input_grad;
  __typeof__(steppe_conv2d_filter_grad) *filter_grad;
} library;

static void *symbol(void *handle, const char *name) {
  void *found = dlsym(handle, name);
  if (found) return found;
  fprintf(stderr, "%s\n", dlerror());
  exit(1);
}

static library opened(const char *path) {
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
  library l = {.set_threads = symbol(handle, "steppe_set_threads"),
               .set_matrix_unit = symbol(handle, "steppe_set_matrix_unit"),
               .parallel = symbol(handle, "steppe_parallel"),
               .scratch = symbol(handle, "steppe_conv2d_scratch"),
               .forward = symbol(handle, "steppe_conv2d"),
               .input_grad = symbol(handle, "steppe_conv2d_input_grad"),
               .filter_grad = symbol(handle, "steppe_conv2d_filter_grad")};
  return l;
}

/* One thread's processor time does not show what else runs; several are timed by the clock on the wall. */
static clockid_t timed = CLOCK_MONOTONIC;

static double seconds(void) {
  struct timespec t;
  clock_gettime(timed, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

/* What multiply-adds in registers reach. */
#define CHAINS 12
#define ROUNDS 10000
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

/* GFLOP/s of so many threads in one try, after another that wakes them. */
static double peak(const library *l, int threads) {
  double took = 0;
  for (int i = 0; i < 2; i++) {
    double start = seconds();
    l->parallel(threads, 1, multiply_add, 0);
    took = seconds() - start;
  }
  return 2.0 * VL * CHAINS * ROUNDS * threads / took / 1e9;
}

/* Layers of one kind: how many, channels and outputs, the image's side, taps and stride. */
typedef struct {
  int count, c, o, size, k, stride;
} layer;

typedef struct {
  const char *name;
  int batch;
  layer layers[16];
} network;

static const network networks[] = {{"WRN-16-4",
                                    128,
                                    {{1, 1, 16, 28, 3, 1},
                                     {1, 16, 64, 28, 3, 1},
                                     {3, 64, 64, 28, 3, 1},
                                     {1, 16, 64, 28, 1, 1},
                                     {1, 64, 128, 28, 3, 2},
                                     {3, 128, 128, 14, 3, 1},
                                     {1, 64, 128, 28, 1, 2},
                                     {1, 128, 256, 14, 3, 2},
                                     {3, 256, 256, 7, 3, 1},
                                     {1, 128, 256, 14, 1, 2}}},
                                   {"WRN-16-1",
                                    32,
                                    {{1, 1, 16, 28, 3, 1},
                                     {4, 16, 16, 28, 3, 1},
                                     {1, 16, 32, 28, 3, 2},
                                     {3, 32, 32, 14, 3, 1},
                                     {1, 16, 32, 28, 1, 2},
                                     {1, 32, 64, 14, 3, 2},
                                     {3, 64, 64, 7, 3, 1},
                                     {1, 32, 64, 14, 1, 2}}},
                                   {"WRN-28-10",
                                    8,
                                    {{1, 3, 16, 32, 3, 1},
                                     {1, 16, 160, 32, 3, 1},
                                     {7, 160, 160, 32, 3, 1},
                                     {1, 16, 160, 32, 1, 1},
                                     {1, 160, 320, 32, 3, 2},
                                     {7, 320, 320, 16, 3, 1},
                                     {1, 160, 320, 32, 1, 2},
                                     {1, 320, 640, 16, 3, 2},
                                     {7, 640, 640, 8, 3, 1},
                                     {1, 320, 640, 16, 1, 2}}},
                                   {"ResNet-50",
                                    8,
                                    {{1, 64, 64, 56, 1, 1},
                                     {4, 64, 256, 56, 1, 1},
                                     {2, 256, 64, 56, 1, 1},
                                     {4, 128, 512, 28, 1, 1},
                                     {3, 512, 128, 28, 1, 1},
                                     {6, 256, 1024, 14, 1, 1},
                                     {5, 1024, 256, 14, 1, 1},
                                     {3, 512, 2048, 7, 1, 1},
                                     {2, 2048, 512, 7, 1, 1},
                                     {1, 256, 512, 56, 1, 2},
                                     {1, 512, 1024, 28, 1, 2},
                                     {1, 1024, 2048, 14, 1, 2},
                                     {1, 128, 128, 56, 3, 2}}}};

/* Memory as the backend gives it to tensors: on large pages. */
#define LARGE (2l << 20)
static float *filled(long count) {
  const long bytes = (count * 4 + LARGE) / LARGE * LARGE;
  float *p = aligned_alloc(LARGE, bytes);
  madvise(p, bytes, MADV_HUGEPAGE);
  for (long i = 0; i < count; i++) p[i] = (float)((i * 2654435761u >> 8) % 2001) * 1e-3f - 1;
  return p;
}

static void time_layer(layer l, int n, const library *libraries, int count, int threads, int repeats, int precision) {
  int out = l.size / l.stride;
  steppe_conv p = {n,   l.size,   l.size,   l.c, l.k, l.k,     l.o,     out,
                   out, l.stride, l.stride, 1,   1,   l.k / 2, l.k / 2, precision};
  if (l.stride == 2) p.pad_top = p.pad_left = 0; /* "same" */
  float *x = filled((long)n * l.size * l.size * l.c), *w = filled((long)l.k * l.k * l.c * l.o),
        *y = filled((long)n * out * out * l.o), *dx = filled((long)n * l.size * l.size * l.c),
        *dw = filled((long)l.k * l.k * l.c * l.o), *dy = filled((long)n * out * out * l.o);
  double work = 2.0 * n * out * out * l.o * l.k * l.k * l.c, top = 0, best[MOST_LIBRARIES][DIRECTIONS];
  for (int i = 0; i < MOST_LIBRARIES; i++) best[i][0] = best[i][1] = best[i][2] = 1e9;
  long bytes = 0;
  for (int i = 0; i < count * DIRECTIONS; i++) {
    long needed = libraries[i / DIRECTIONS].scratch(&p, i % DIRECTIONS);
    if (needed > bytes) bytes = needed;
  }
  void *scratch = filled(bytes / 4);
  for (int i = 0; i < repeats; i++) {
    for (int which = 0; which < DIRECTIONS; which++) {
      /* Beside each call, for the pace of a processor changes. */
      const double now = peak(libraries, threads);
      if (now > top) top = now;
      for (int j = 0; j < count; j++) {
        const int at = i % 2 ? count - 1 - j : j;
        const library *lib = libraries + at;
        /* Threads of the other library go to sleep, and those of this one wake up, before the second call is timed. */
        for (double start = seconds(); count > 1 && seconds() - start < 3e-4;) continue;
        for (int call = 0; call < 2; call++) {
          double start = seconds();
          if (which == 0) lib->forward(x, w, y, &p, 0, scratch);
          if (which == 1) lib->input_grad(dy, w, dx, &p, scratch);
          if (which == 2) lib->filter_grad(x, dy, dw, &p, 0, scratch);
          double took = seconds() - start;
          if (took < best[at][which]) best[at][which] = took;
        }
      }
    }
  }
  printf("{\"count\":%d,\"layer\":\"%d → %d, %d², %d × %d%s\",\"work\":%.0f,\"peak\":%.1f,\"seconds\":[", l.count, l.c,
         l.o, l.size, l.k, l.k, l.stride > 1 ? ", stride 2" : "", work, top);
  for (int j = 0; j < count; j++) printf("%s[%.3e,%.3e,%.3e]", j ? "," : "", best[j][0], best[j][1], best[j][2]);
  printf("]}\n");
  fflush(stdout);
  free(x), free(w), free(y), free(dx), free(dw), free(dy), free(scratch);
}

int main(int argc, char **argv) {
  if (argc < 6 || argc > 5 + MOST_LIBRARIES) {
    fprintf(stderr, "Usage: conv_bench threads repeats precision network library [another library]\n");
    return 64;
  }
  const int threads = atoi(argv[1]), repeats = atoi(argv[2]), precision = atoi(argv[3]), count = argc - 5;
  library libraries[MOST_LIBRARIES];
  if (threads == 1) timed = CLOCK_PROCESS_CPUTIME_ID;
  for (int i = 0; i < count; i++) {
    libraries[i] = opened(argv[5 + i]);
    libraries[i].set_threads(threads);
    libraries[i].set_matrix_unit(2);
  }
  for (unsigned i = 0; i < sizeof networks / sizeof *networks; i++) {
    const network *net = networks + i;
    if (strcmp(argv[4], net->name)) continue;
    for (const layer *l = net->layers; l->count; l++)
      time_layer(*l, net->batch, libraries, count, threads, repeats, precision);
    return 0;
  }
  fprintf(stderr, "there is no network %s\n", argv[4]);
  return 64;
}
