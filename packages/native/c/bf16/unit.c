/* Which instructions multiply bfloat16: a choice for the whole process, as the number of threads is. */
#include <stdatomic.h>

#include "bf16/bf16.h"
#include "runtime/processor.h"

static atomic_int unit = BF16_PORTABLE;

static int best(void) {
#if BF16_INSTRUCTIONS
  if (processor_has_bf16()) return processor_lends_tiles() ? BF16_TILES : BF16_DOTS;
#endif
  return BF16_PORTABLE;
}

int bf16_unit(void) { return atomic_load_explicit(&unit, memory_order_relaxed); }

int steppe_set_matrix_unit(int wanted) {
  const int most = wanted > BF16_PORTABLE ? best() : BF16_PORTABLE;
  atomic_store(&unit, wanted < most ? wanted < 0 ? BF16_PORTABLE : wanted : most);
  return bf16_unit();
}

int steppe_bf16_pays(int precision) {
  const int chosen = bf16_unit();
#if BF16_INSTRUCTIONS
  if (chosen == BF16_DOTS) return precision == STEPPE_DEFAULT && processor_favours_dots();
#endif
  return precision != STEPPE_HIGHEST && chosen == BF16_TILES;
}

int bf16_begin(int depth) {
  const int chosen = bf16_unit();
  if (chosen == BF16_TILES) bf16_configure_tiles(depth);
  return chosen;
}

void bf16_end(int chosen) {
  if (chosen == BF16_TILES) bf16_release_tiles();
}

void bf16_block(const bf16 *a, const bf16 *b, const bf16_sum *sum, int rows, int column_tiles, float *c, int add) {
  if (sum->unit == BF16_TILES) bf16_block_tiles(a, b, sum, rows, column_tiles, c, add);
  else if (sum->unit == BF16_DOTS) bf16_block_dots(a, b, sum, rows, column_tiles, c, add);
  else bf16_block_portable(a, b, sum, rows, column_tiles, c, add);
}

bf16_cut bf16_cut_of(long terms) {
  bf16_cut cut = {0, (terms + BF16_DEPTH - 1) / BF16_DEPTH, 0};
  if (cut.steps < 1) cut.steps = 1;
  cut.depth = (terms + 2 * cut.steps - 1) / (2 * cut.steps) * 2;
  if (cut.depth < 2) cut.depth = 2;
  cut.width = cut.steps * cut.depth;
  return cut;
}

long bf16_products(int precision) { return precision == STEPPE_HIGH ? 3 : 1; }

long bf16_put_steps(bf16_step *steps, int precision, bf16_step at, long a_rest, long b_rest) {
  steps[0] = at;
  if (precision != STEPPE_HIGH) return 1;
  steps[1] = (bf16_step){at.a + a_rest, at.b};
  steps[2] = (bf16_step){at.a, at.b + b_rest};
  return 3;
}
