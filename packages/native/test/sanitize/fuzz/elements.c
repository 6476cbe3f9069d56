/* Odd calls of elementwise functions. */
#include "fuzz.h"

static int bytes_of(int type) { return type == STEPPE_BOOL ? 1 : 4; }

/* Strides of a tensor that is broadcast to `shape` along some of its dimensions, seldom others; returns how many
 * elements they reach. */
static long strides(int rank, const int *shape, int *to) {
  long count = 1, reach = 1;
  for (int d = rank - 1; d >= 0; d--) {
    const int repeats = fuzz_below(4) == 0;
    to[d] = repeats || count > INT32_MAX || count < 0 ? 0 : (int)count;
    if (fuzz_below(60) == 0) to[d] = (int)fuzz_extent();
    if (!repeats) count = count > INT32_MAX || count < 0 ? count : count * shape[d];
    if (to[d] > 0 && shape[d] > 0 && reach < INT32_MAX) reach += (shape[d] - 1L) * to[d];
  }
  return reach;
}

static void binaries(void) {
  enum { MOST = 4 };
  const int op = fuzz_choice(STEPPE_BINARY_OPS), type = fuzz_choice(3), rank = 1 + (int)fuzz_below(MOST);
  const int claimed = fuzz_below(40) ? rank : fuzz_below(2) ? 0 : 9;
  int layout[3 * MOST];
  long shape[MOST] = {1, 1, 1, 1};
  for (int d = 0; d < rank; d++) layout[d] = (int)(shape[d] = fuzz_extent());
  const long a_reach = strides(rank, layout, layout + rank), b_reach = strides(rank, layout, layout + 2 * rank);
  void *a = READ(bytes_of(type), a_reach), *b = READ(bytes_of(type), b_reach);
  void *y = WRITTEN(op >= STEPPE_EQUAL ? 1 : bytes_of(type), shape[0], shape[1], shape[2], shape[3]);
  CALL("steppe_binary", steppe_binary(op, type, a, b, y, claimed, layout));
}

void fuzz_elements(void) {
  const int op = fuzz_choice(STEPPE_UNARY_OPS), type = fuzz_choice(3), to = fuzz_choice(3);
  const double alpha = fuzz_number(), beta = fuzz_number();
  long n = fuzz_below(30) ? fuzz_below(300) : fuzz_below(2) ? 40000 : fuzz_extent();
  void *x = READ(bytes_of(type), n), *y = WRITTEN(op >= STEPPE_IS_NAN ? 1 : bytes_of(type), n);
  CALL("steppe_unary", steppe_unary(op, type, x, y, n, alpha, beta));
  x = READ(bytes_of(type), n), y = WRITTEN(bytes_of(to), n);
  CALL("steppe_cast", steppe_cast(type, to, x, y, n));
  y = WRITTEN(bytes_of(type), n);
  CALL("steppe_fill", steppe_fill(type, y, n, alpha));
  y = WRITTEN(bytes_of(type), n);
  CALL("steppe_ramp", steppe_ramp(type, y, n, alpha, beta));
  const long conditions = fuzz_extent(), repeat = fuzz_extent();
  const int size = fuzz_below(30) ? (fuzz_below(2) ? 1 : 4) : (int)fuzz_extent();
  n = fuzz_below(30) && conditions < 1000 && repeat < 1000 ? conditions * repeat : fuzz_extent();
  void *condition = READ(1, repeat > 0 && n > 0 ? (n + repeat - 1) / repeat : 0), *a = READ(size == 1 ? 1 : 4, n);
  void *b = READ(size == 1 ? 1 : 4, n);
  y = WRITTEN(size == 1 ? 1 : 4, n);
  CALL("steppe_select", steppe_select(condition, a, b, y, n, repeat, size));
  binaries();
}
