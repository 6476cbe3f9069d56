/* Odd copies, gathers, borders and running sums. */
#include "fuzz.h"

static int bytes_of(int type) { return type == STEPPE_BOOL ? 1 : 4; }

/* A block in two tensors that just hold it, each with strides of its own; those of x may be negative or 0. */
static void copies(void) {
  enum { MOST = 4 };
  const int rank = 1 + (int)fuzz_below(MOST), size = fuzz_below(30) ? (fuzz_below(2) ? 1 : 4) : (int)fuzz_extent();
  int layout[3 * MOST], order[MOST];
  long y_count = 1, x_count = 1, x_first = 0;
  for (int d = 0; d < rank; d++) layout[d] = (int)fuzz_extent(), order[d] = d;
  for (int d = rank - 1; d > 0; d--) {
    const int e = (int)fuzz_below(d + 1), kept = order[d];
    order[d] = order[e], order[e] = kept;
  }
  for (int d = rank - 1; d >= 0; d--) {
    const long extent = layout[d];
    layout[rank + d] = y_count > INT32_MAX ? INT32_MAX : (int)y_count;
    y_count = y_count > INT32_MAX || y_count < 0 ? y_count : y_count * extent;
  }
  for (int i = rank - 1; i >= 0; i--) {
    const int d = order[i];
    const long extent = layout[d], repeats = fuzz_below(8) == 0,
               step = repeats               ? 0
                      : x_count > INT32_MAX ? INT32_MAX
                                            : x_count;
    const int back = fuzz_below(4) == 0;
    layout[2 * rank + d] = (int)(back ? -step : step);
    if (!repeats) x_count = x_count > INT32_MAX || x_count < 0 ? x_count : x_count * extent;
    if (back && extent > 0) x_first += (extent - 1) * step;
  }
  char *y = MEMORY(FUZZ_SCRATCH, size == 1 ? 1 : 4, y_count), *x = READ(size == 1 ? 1 : 4, x_count);
  if (x && x_first > 0 && x_first < x_count) x += x_first * size;
  const int claimed = fuzz_below(40) ? rank : (int)fuzz_below(2) * 9;
  CALL("steppe_copy", steppe_copy(y, x, size, claimed, layout));
}

static void by_index(void) {
  const long batches = fuzz_extent(), outer = fuzz_extent(), extent = fuzz_extent(), count = fuzz_extent(),
             bytes = 4 * fuzz_small();
  char *x = READ(1, batches, outer, extent, bytes);
  int32_t *index = READ(4, batches, count);
  char *y = WRITTEN(1, batches, outer, count, bytes);
  CALL("steppe_gather", steppe_gather(x, index, y, batches, outer, extent, count, bytes));
  const long rows = fuzz_extent(), width = fuzz_extent(), segments = fuzz_extent();
  float *values = READ(4, rows, width), *sums = WRITTEN(4, segments, width);
  index = READ(4, rows);
  CALL("steppe_segment_sum", steppe_segment_sum(values, index, sums, rows, width, segments));
  const int type = fuzz_choice(3);
  const double on = fuzz_number(), off = fuzz_number();
  index = READ(4, rows);
  y = WRITTEN(bytes_of(type), rows, width);
  CALL("steppe_one_hot", steppe_one_hot(index, y, type, rows, width, on, off));
}

void fuzz_moves(void) {
  copies();
  by_index();
  const long outer = fuzz_extent(), extent = fuzz_extent(), inner = fuzz_extent(), bytes = 4 * fuzz_small();
  const long before = fuzz_below(5) ? fuzz_below(extent > 0 ? extent : 1) : fuzz_extent(),
             after = fuzz_below(5) ? fuzz_below(3) : fuzz_extent();
  const int symmetric = (int)fuzz_below(2), type = fuzz_choice(3), product = (int)fuzz_below(2),
            reverse = (int)fuzz_below(2);
  const int exclusive = (int)fuzz_below(2);
  char *x = READ(1, outer, extent, bytes), *y = WRITTEN(1, outer, before + extent + after, bytes);
  CALL("steppe_mirror_pad", steppe_mirror_pad(x, y, symmetric, outer, extent, before, after, bytes));
  x = READ(bytes_of(type), outer, extent, inner), y = WRITTEN(bytes_of(type), outer, extent, inner);
  CALL("steppe_cumulate", steppe_cumulate(x, y, type, product, exclusive, reverse, outer, extent, inner));
}
