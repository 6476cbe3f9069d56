/* Reductions of the middle of [outer, reduced, inner].
 *
 * A long reduction is cut into blocks by its shape alone, so that it is the same for any number of threads. Sums add at
 * most a few hundred floats in a lane before they go on in double precision: ten million terms lose no more than ten
 * do. */
#include <math.h>
#include <stdlib.h>

#include "runtime/check.h"
#include "steppe.h"
#include "vector/vec.h"
#include "vector/wrap.h"

/* Elements of a block, and the width of the strips of columns that a block is reduced in. */
#define BLOCK 16384
#define STRIP 1024

/* Terms that one lane adds in single precision. */
#define TERMS 64

#define ADD(a, b) ((a) + (b))
#define MULTIPLY(a, b) ((a) * (b))
/* Of doubles that hold int32: modulo 2^32. */
#define WRAPPED_MULTIPLY(a, b) ((double)(int32_t)((uint32_t)(int32_t)(a) * (uint32_t)(int32_t)(b)))
#define GREATER(a, b) ((a) > (b) || (a) != (a) ? (a) : (b))
#define LESSER(a, b) ((a) < (b) || (a) != (a) ? (a) : (b))
#define GREATER_LANES(a, b) choose(((a) > (b)) | ((a) != (a)), a, b)
#define LESSER_LANES(a, b) choose(((a) < (b)) | ((a) != (a)), a, b)
#define AND(a, b) ((a) & (b))
#define OR(a, b) ((a) | (b))

/* row: reduces n neighbours to one double. columns: reduces `rows` rows of `width` columns, `pitch` apart, into
 * out[width]. */
typedef struct {
  double (*row)(const void *x, long n);
  void (*columns)(const void *x, long rows, long width, long pitch, double *out);
  double (*combine)(double a, double b);
  double start;
} reduction;

#define COLUMNS(name, T, A, begin, one)                                                         \
  static double name##_combine(double a, double b) { return one(a, b); }                        \
  static void name##_columns(const void *px, long rows, long width, long pitch, double *out) {  \
    _Alignas(64) A strip[STRIP];                                                                \
    for (long from = 0; from < width; from += STRIP) {                                          \
      const T *x = (const T *)px + from;                                                        \
      long n = width - from < STRIP ? width - from : STRIP;                                     \
      for (long j = 0; j < n; j++) strip[j] = begin;                                            \
      for (long r = 0; r < rows; r++)                                                           \
        INDEPENDENT for (long j = 0; j < n; j++) strip[j] = one(strip[j], (A)x[r * pitch + j]); \
      for (long j = 0; j < n; j++) out[from + j] = strip[j];                                    \
    }                                                                                           \
  }

#define VECTOR_ROW(name, begin, one, lanes)                                                           \
  static double name##_row(const void *px, long n) {                                                  \
    const float *x = px;                                                                              \
    double total = begin;                                                                             \
    long i = 0;                                                                                       \
    while (n - i >= 4 * VL) {                                                                         \
      const long end = n - i < TERMS * 4 * VL ? n : i + TERMS * 4 * VL;                               \
      vf a = load(x + i), b = load(x + i + VL), c = load(x + i + 2 * VL), d = load(x + i + 3 * VL);   \
      for (i += 4 * VL; i + 4 * VL <= end; i += 4 * VL) {                                             \
        vf e = load(x + i), f = load(x + i + VL), g = load(x + i + 2 * VL), h = load(x + i + 3 * VL); \
        a = lanes(a, e), b = lanes(b, f), c = lanes(c, g), d = lanes(d, h);                           \
      }                                                                                               \
      a = lanes(a, b), c = lanes(c, d), a = lanes(a, c);                                              \
      for (int l = 0; l < VL; l++) total = one(total, (double)a[l]);                                  \
    }                                                                                                 \
    for (; i < n; i++) total = one(total, (double)x[i]);                                              \
    return total;                                                                                     \
  }

#define SCALAR_ROW(name, T, begin, one)                            \
  static double name##_row(const void *px, long n) {               \
    const T *x = px;                                               \
    double total = begin;                                          \
    for (long i = 0; i < n; i++) total = one(total, (double)x[i]); \
    return total;                                                  \
  }

#define SCALAR_BOOL_ROW(name, begin, one)                  \
  static double name##_row(const void *px, long n) {       \
    const uint8_t *x = px;                                 \
    int total = begin;                                     \
    for (long i = 0; i < n; i++) total = one(total, x[i]); \
    return total;                                          \
  }
#define BOOL_COLUMNS(name, begin, one)                                                         \
  static double name##_combine(double a, double b) { return one((int)a, (int)b); }             \
  static void name##_columns(const void *px, long rows, long width, long pitch, double *out) { \
    const uint8_t *x = px;                                                                     \
    for (long j = 0; j < width; j++) out[j] = begin;                                           \
    for (long r = 0; r < rows; r++)                                                            \
      for (long j = 0; j < width; j++) out[j] = one((int)out[j], x[r * pitch + j]);            \
  }

VECTOR_ROW(sum, 0, ADD, ADD)
COLUMNS(sum, float, float, 0, ADD)
VECTOR_ROW(max, -INFINITY, GREATER, GREATER_LANES)
COLUMNS(max, float, float, -INFINITY, GREATER)
VECTOR_ROW(min, INFINITY, LESSER, LESSER_LANES)
COLUMNS(min, float, float, INFINITY, LESSER)
SCALAR_ROW(prod, float, 1, MULTIPLY)
COLUMNS(prod, float, double, 1, MULTIPLY)
SCALAR_ROW(int_sum, int32_t, 0, ADD)
COLUMNS(int_sum, int32_t, double, 0, ADD)
SCALAR_ROW(int_max, int32_t, -INFINITY, GREATER)
COLUMNS(int_max, int32_t, double, -INFINITY, GREATER)
SCALAR_ROW(int_min, int32_t, INFINITY, LESSER)
COLUMNS(int_min, int32_t, double, INFINITY, LESSER)
SCALAR_ROW(int_prod, int32_t, 1, WRAPPED_MULTIPLY)
COLUMNS(int_prod, int32_t, double, 1, WRAPPED_MULTIPLY)
SCALAR_BOOL_ROW(all, 1, AND)
BOOL_COLUMNS(all, 1, AND)
SCALAR_BOOL_ROW(any, 0, OR)
BOOL_COLUMNS(any, 0, OR)

#define ROW(name, begin) {name##_row, name##_columns, name##_combine, begin}
static const reduction float_reductions[] = {ROW(sum, 0), ROW(sum, 0), ROW(max, -INFINITY), ROW(min, INFINITY),
                                             ROW(prod, 1)};
static const reduction int_reductions[] = {ROW(int_sum, 0), ROW(int_sum, 0), ROW(int_max, -INFINITY),
                                           ROW(int_min, INFINITY), ROW(int_prod, 1)};
static const reduction bool_reductions[] = {ROW(all, 1), ROW(any, 0)};

typedef struct {
  const reduction *how;
  const char *x;
  void *y;
  double *partial; /* [outer, blocks, inner] */
  int type, size;
  double scale;
  long outer, reduced, inner, rows, blocks; /* rows of a block, blocks of one reduction */
} reduce_context;

static inline void put(const reduce_context *c, long at, double value) {
  if (c->type == STEPPE_FLOAT32) ((float *)c->y)[at] = (float)(value * c->scale);
  else if (c->type == STEPPE_BOOL) ((uint8_t *)c->y)[at] = (uint8_t)value;
  else ((int32_t *)c->y)[at] = as_int32_t(value);
}

/* One block. Narrow columns of many rows are read as fewer, wider rows, which are folded at the end. */
static void reduce_block(const reduce_context *c, long outer, long block, double *out) {
  long from = block * c->rows, rows = c->reduced - from < c->rows ? c->reduced - from : c->rows, inner = c->inner;
  const char *x = c->x + (outer * c->reduced + from) * inner * c->size;
  if (inner == 1) {
    *out = c->how->row(x, rows);
    return;
  }
  long fold = inner < 64 ? 256 / inner : 1, whole = fold > 1 ? rows / fold : 0, done = whole * fold;
  if (whole) {
    double wide[256];
    c->how->columns(x, whole, fold * inner, fold * inner, wide);
    for (long j = 0; j < inner; j++) {
      out[j] = wide[j];
      for (long f = 1; f < fold; f++) out[j] = c->how->combine(out[j], wide[f * inner + j]);
    }
    if (done == rows) return;
    double rest[64];
    c->how->columns(x + done * inner * c->size, rows - done, inner, inner, rest);
    for (long j = 0; j < inner; j++) out[j] = c->how->combine(out[j], rest[j]);
    return;
  }
  c->how->columns(x, rows, inner, inner, out);
}

static void reduce_task(void *context, long begin, long end) {
  const reduce_context *c = context;
  for (long i = begin; i < end; i++) reduce_block(c, i / c->blocks, i % c->blocks, c->partial + i * c->inner);
}

/* Every reduction is one block: straight to y. */
static void reduce_rows_task(void *context, long begin, long end) {
  const reduce_context *c = context;
  for (long i = begin; i < end; i++) {
    double value;
    reduce_block(c, i, 0, &value);
    put(c, i, value);
  }
}

static void combine_task(void *context, long begin, long end) {
  const reduce_context *c = context;
  for (long i = begin; i < end; i++) {
    const double *partial = c->partial + (i / c->inner) * c->blocks * c->inner + i % c->inner;
    double value = c->blocks ? partial[0] : c->how->start;
    for (long b = 1; b < c->blocks; b++) value = c->how->combine(value, partial[b * c->inner]);
    put(c, i, value);
  }
}

int steppe_reduce(int op, int type, const void *x, void *y, long outer, long reduced, long inner) {
  REQUIRE(is_type(type) && FITS(outer, reduced, inner) && !(type == STEPPE_INT32 && op == STEPPE_MEAN));
  REQUIRE(type == STEPPE_BOOL ? op >= STEPPE_ALL && op <= STEPPE_ANY : op >= STEPPE_SUM && op <= STEPPE_PROD);
  if (outer == 0 || inner == 0) return STEPPE_OK;
  REQUIRE(y && (x || !reduced));
  const reduction *how = type == STEPPE_FLOAT32 ? &float_reductions[op]
                         : type == STEPPE_INT32 ? &int_reductions[op]
                                                : &bool_reductions[op - STEPPE_ALL];
  reduce_context c = {how,
                      x,
                      y,
                      NULL,
                      type,
                      type == STEPPE_BOOL ? 1 : 4,
                      op == STEPPE_MEAN && reduced ? 1.0 / (double)reduced : 1.0,
                      outer,
                      reduced,
                      inner,
                      0,
                      0};
  /* at most 256 terms in a lane of a strip; BLOCK / 64 = 256 in a lane of a row */
  c.rows = inner == 1 ? BLOCK : BLOCK / inner > 256 && inner >= 64 ? 256 : BLOCK / inner < 32 ? 32 : BLOCK / inner;
  c.blocks = (reduced + c.rows - 1) / c.rows;
  if (inner == 1 && c.blocks == 1) {
    steppe_parallel(outer, GRAIN / reduced + 1, reduce_rows_task, &c);
    return STEPPE_OK;
  }
  double few[512];
  long partials = outer * c.blocks * inner;
  c.partial = partials <= 512 ? few : malloc(partials * sizeof(double));
  if (!c.partial) return STEPPE_OUT_OF_MEMORY;
  steppe_parallel(outer * c.blocks, GRAIN / (c.rows * inner) + 1, reduce_task, &c);
  steppe_parallel(outer * inner, GRAIN / (c.blocks + 1) + 1, combine_task, &c);
  if (c.partial != few) free(c.partial);
  return STEPPE_OK;
}

typedef struct {
  const void *x;
  int32_t *y;
  int type, least;
  long reduced, inner;
} arg_context;

static void arg_task(void *context, long begin, long end) {
  const arg_context *c = context;
  for (long i = begin; i < end; i++) {
    long at = i / c->inner * c->reduced * c->inner + i % c->inner, best = 0;
#define SCAN(T)                                                  \
  {                                                              \
    const T *x = (const T *)c->x + at;                           \
    T value = x[0];                                              \
    for (long r = 1; r < c->reduced; r++) {                      \
      T v = x[r * c->inner];                                     \
      if (c->least ? v < value : v > value) value = v, best = r; \
    }                                                            \
  }
    if (c->type == STEPPE_FLOAT32) {
      SCAN(float)
    } else if (c->type == STEPPE_INT32) {
      SCAN(int32_t)
    } else {
      SCAN(uint8_t)
    }
    c->y[i] = (int32_t)best;
  }
}

int steppe_arg(int least, int type, const void *x, int32_t *y, long outer, long reduced, long inner) {
  REQUIRE(is_type(type) && FITS(outer, reduced, inner));
  if (outer == 0 || inner == 0) return STEPPE_OK;
  REQUIRE(reduced > 0 && THERE(x, y));
  arg_context context = {x, y, type, least, reduced, inner};
  steppe_parallel(outer * inner, GRAIN / reduced + 1, arg_task, &context);
  return STEPPE_OK;
}
