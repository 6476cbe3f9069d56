/* Compares every convolution and matrix product with a sum in double precision, over random shapes. Arrays end at a
 * page that cannot be read (or begin after one), so that a read outside stops the program. Usage: selftest [cases]
 * [seed].
 *
 * cc -O3 -march=native -mprefer-vector-width=512 -ffp-contract=fast -fno-math-errno -pthread -I. bench/selftest.c
 *   $(git ls-files '*.c' | grep -Ev 'bench|probe') -lm -o /tmp/selftest
 * (-mavx2 -mfma, or nothing, for other vectors; and with -fsanitize=address,undefined) */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "steppe.h"

static unsigned long state = 1;
static long below(long n) {
  state = state * 6364136223846793005ul + 1442695040888963407ul;
  return (long)((state >> 33) % (unsigned long)n);
}
static long pick(const long *from, long count) { return from[below(count)]; }

typedef struct {
  char *map;
  long bytes;
  float *at;
  long count;
} array;

/* `count` floats with a guard page right after them, or right before. */
static array make(long count) {
  long page = sysconf(_SC_PAGESIZE), size = (count * 4 + page - 1) / page * page;
  char *map = mmap(0, size + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) exit(3);
  mprotect(map, page, PROT_NONE);
  mprotect(map + page + size, page, PROT_NONE);
  array a = {map, size + 2 * page, (float *)(below(3) ? map + page + size - count * 4 : map + page), count};
  for (long i = 0; i < count; i++) a.at[i] = (float)(below(2001) - 1000) * 1e-3f;
  return a;
}
static void drop(array a) { munmap(a.map, a.bytes); }

static long failures, checks;

static void compare(const char *what, const float *got, const double *want, const double *size, long count,
                    const char *shape) {
  checks++;
  for (long i = 0; i < count; i++) {
    double error = fabs(got[i] - want[i]) / (size[i] + 1e-3);
    if (error < 2e-6) continue;
    printf("%s %s: [%ld] is %.9g, not %.9g\n", what, shape, i, got[i], want[i]);
    failures++;
    return;
  }
}

typedef int (*job)(void *);

/* Runs a job with one thread and with two; both must write the same bits. */
static void twice(const char *what, job run, void *context, array out, const char *shape) {
  float *first = malloc(out.count * 4 + 4);
  steppe_set_threads(1);
  for (long i = 0; i < out.count; i++) out.at[i] = NAN;
  run(context);
  memcpy(first, out.at, out.count * 4);
  steppe_set_threads(2);
  for (long i = 0; i < out.count; i++) out.at[i] = NAN;
  run(context);
  checks++;
  if (memcmp(first, out.at, out.count * 4))
    printf("%s %s: two threads write other bits than one\n", what, shape), failures++;
  free(first);
}

static void *scratch(long bytes) {
  void *p = aligned_alloc(64, bytes / 64 * 64 + 64);
  memset(p, 255, bytes); /* not-a-numbers: what is read before it is written shows */
  return p;
}

#include "selftest_conv.h"
#include "selftest_matmul.h"

int main(int argc, char **argv) {
  long cases = argc > 1 ? atol(argv[1]) : 300;
  state = argc > 2 ? strtoul(argv[2], 0, 10) : 1;
  for (long i = 0; i < cases; i++) check_conv(i), check_depthwise(), check_matmul(i);
  printf("%ld checks, %ld failures\n", checks, failures);
  return failures != 0;
}
