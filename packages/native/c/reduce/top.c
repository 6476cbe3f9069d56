/* The greatest of each row, in order. The results are their own scratch: a heap whose root is the last in order of what
 * has been kept so far, from which the rows are sorted in place. */
#include "runtime/check.h"
#include "steppe.h"
#include "vector/vec.h"

typedef struct {
  const void *x;
  void *values;
  int32_t *places;
  int type;
  long n, k;
} top_context;

/* A row of values of type T in the order of the greatest: NaN first, and of equals the one that stands first. */
#define TOP(NAME, T)                                                                                                   \
  static inline int NAME##_before(T a, long i, T b, long j) {                                                          \
    const int odd = a != a, other = b != b;                                                                            \
    return a > b || odd > other || (!(a < b) && odd == other && i < j);                                                \
  }                                                                                                                    \
  /* Puts an entry into the heap of n whose root is empty. */                                                          \
  static void NAME##_sink(T *values, int32_t *places, long n, T value, int32_t place) {                                \
    long at = 0;                                                                                                       \
    for (long child; (child = 2 * at + 1) < n; at = child) {                                                           \
      if (child + 1 < n && NAME##_before(values[child], places[child], values[child + 1], places[child + 1])) child++; \
      if (NAME##_before(values[child], places[child], value, place)) break;                                            \
      values[at] = values[child], places[at] = places[child];                                                          \
    }                                                                                                                  \
    values[at] = value, places[at] = place;                                                                            \
  }                                                                                                                    \
  /* Puts an entry behind the heap of `at`, and in order. */                                                           \
  static void NAME##_rise(T *values, int32_t *places, long at, T value, int32_t place) {                               \
    for (long parent = (at - 1) / 2; at && NAME##_before(values[parent], places[parent], value, place);                \
         at = parent, parent = (at - 1) / 2)                                                                           \
      values[at] = values[parent], places[at] = places[parent];                                                        \
    values[at] = value, places[at] = place;                                                                            \
  }                                                                                                                    \
  static void NAME(const T *x, T *values, int32_t *places, long n, long k) {                                           \
    for (long i = 0; i < k; i++) NAME##_rise(values, places, i, x[i], (int32_t)i);                                     \
    for (long i = k; i < n; i++)                                                                                       \
      if (NAME##_before(x[i], i, values[0], places[0])) NAME##_sink(values, places, k, x[i], (int32_t)i);              \
    for (long last = k - 1; last > 0; last--) {                                                                        \
      const T value = values[last];                                                                                    \
      const int32_t place = places[last];                                                                              \
      values[last] = values[0], places[last] = places[0];                                                              \
      NAME##_sink(values, places, last, value, place);                                                                 \
    }                                                                                                                  \
  }

TOP(top_floats, float)
TOP(top_ints, int32_t)
TOP(top_bools, uint8_t)

static void top_task(void *context, long begin, long end) {
  const top_context *c = context;
  const long n = c->n, k = c->k;
  for (long row = begin; row < end; row++) {
    int32_t *places = c->places + row * k;
    if (c->type == STEPPE_FLOAT32)
      top_floats((const float *)c->x + row * n, (float *)c->values + row * k, places, n, k);
    else if (c->type == STEPPE_INT32)
      top_ints((const int32_t *)c->x + row * n, (int32_t *)c->values + row * k, places, n, k);
    else top_bools((const uint8_t *)c->x + row * n, (uint8_t *)c->values + row * k, places, n, k);
  }
}

int steppe_top(int type, const void *x, void *values, int32_t *places, long rows, long n, long k) {
  REQUIRE(is_type(type) && FITS(rows, n) && k >= 0 && k <= n);
  if (rows == 0 || k == 0) return STEPPE_OK;
  REQUIRE(THERE(x, values, places));
  top_context context = {x, values, places, type, n, k};
  steppe_parallel(rows, GRAIN / (8 * n) + 1, top_task, &context);
  return STEPPE_OK;
}
