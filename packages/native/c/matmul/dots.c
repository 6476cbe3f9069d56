#include "matmul/dots.h"

#include "runtime/common.h"
#include "vector/vec.h"

#define FEW_ROWS 4
#define TOGETHER 4 /* dot products at once: their sums hide each other's latency */
#define PER_TASK 65536

int matmul_is_dots(const product *p) {
  return (!p->transpose_a || p->m == 1) && (p->transpose_b || p->n == 1) && least(p->m, p->n) < FEW_ROWS;
}

/* out[i] = sum over k of x[k] * rows[i][k], for TOGETHER rows (the last one again where there are fewer). */
static void dots(const float *x, const float *const *rows, long depth, float *out) {
  vf sum[TOGETHER];
  float rest[TOGETHER] = {0};
  long k = 0;
  UNROLL for (int i = 0; i < TOGETHER; i++) sum[i] = splat(0);
  for (; k + VL <= depth; k += VL) {
    vf left = load(x + k);
    UNROLL for (int i = 0; i < TOGETHER; i++) sum[i] += left * load(rows[i] + k);
  }
  for (; k < depth; k++) {
    for (int i = 0; i < TOGETHER; i++) rest[i] += x[k] * rows[i][k];
  }
  for (int i = 0; i < TOGETHER; i++) {
    for (int lane = 0; lane < VL; lane++) rest[i] += sum[i][lane];
    out[i] = rest[i];
  }
}

/* The factor with many rows is read once; the few rows of the other one stay in the cache. */
static void dots_task(void *context, long begin, long end) {
  const product *p = context;
  int wide = p->n >= p->m; /* b is the one with many rows */
  long many = wide ? p->n : p->m, few = wide ? p->m : p->n, groups = (many + TOGETHER - 1) / TOGETHER;
  for (long task = begin; task < end; task++) {
    long matrix = task / groups, first = task % groups * TOGETHER, count = least(TOGETHER, many - first);
    const float *a = p->a + matrix * p->stride_a, *b = p->b + matrix * p->stride_b, *rows[TOGETHER];
    float *c = p->c + matrix * p->m * p->n, out[TOGETHER];
    for (int i = 0; i < TOGETHER; i++) rows[i] = (wide ? b : a) + (first + least(i, count - 1)) * p->k;
    for (long row = 0; row < few; row++) {
      dots((wide ? a : b) + row * p->k, rows, p->k, out);
      for (long i = 0; i < count; i++) c[wide ? row * p->n + first + i : (first + i) * p->n + row] = out[i];
    }
  }
}

void matmul_dots(const product *p) {
  long many = p->n >= p->m ? p->n : p->m;
  steppe_parallel(p->batch * ((many + TOGETHER - 1) / TOGETHER), 1 + PER_TASK / (TOGETHER * (p->k + 1)), dots_task,
                  (void *)p);
}
