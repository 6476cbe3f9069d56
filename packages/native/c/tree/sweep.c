/* Operations that follow each other on the same leaves, in one pass over memory: what only the next one reads never
 * leaves the cache. Each is the loop that its own function runs, so the bits are the same. */
#include <stdlib.h>

#include "elementwise/loops.h"
#include "runtime/check.h"
#include "steppe.h"
#include "tree/blocks.h"
#include "tree/loops.h"

/* Elements that all steps are done with before the next ones are fetched. */
#define PIECE 1024

typedef struct {
  const steppe_sweep_step *steps;
  long step_count, count, columns;
  const int64_t *leaves;
  const long *first;
} sweep_context;

static inline float *pointer_of(const int64_t *leaf, long column) { return (float *)(intptr_t)leaf[1 + column]; }

static void run_step(const steppe_sweep_step *step, float *const *at, long n) {
  const float *a = step->a < 0 ? step->number : at[step->a], *b = step->b < 0 ? step->number : at[step->b];
  float *y = at[step->y];
  switch (step->kind) {
    case STEPPE_SWEEP_UNARY: steppe_unary_loop((int)step->op, STEPPE_FLOAT32)(a, y, n, 0, 0); break;
    case STEPPE_SWEEP_BINARY:
      steppe_binary_loop((int)step->op, STEPPE_FLOAT32)(a, step->a >= 0, b, step->b >= 0, y, n);
      break;
    case STEPPE_SWEEP_SCALE: scale_run(a, y, n, *(const float *)step->number); break;
    case STEPPE_SWEEP_SCALE_DOUBLE: scale_run(a, y, n, *(const double *)step->number); break;
    default: add_scaled_run(a, b, y, n, *(const float *)step->number);
  }
}

static void sweep_task(void *context, long begin, long end) {
  const sweep_context *c = context;
  _Alignas(64) float slots[STEPPE_SWEEP_SLOTS][PIECE];
  float *at[STEPPE_SWEEP_COLUMNS];
  for (long block = begin; block < end; block++) {
    const long number = leaf_at(c->first, c->count, block);
    const int64_t *leaf = c->leaves + number * (1 + c->columns);
    const long from = (block - c->first[number]) * BLOCK, to = from + BLOCK < leaf[0] ? from + BLOCK : leaf[0];
    for (long i = from; i < to; i += PIECE) {
      int slot = 0;
      for (long k = 0; k < c->columns; k++) at[k] = pointer_of(leaf, k) ? pointer_of(leaf, k) + i : slots[slot++];
      for (long s = 0; s < c->step_count; s++) run_step(c->steps + s, at, to - i < PIECE ? to - i : PIECE);
    }
  }
}

/* Whether a step is one, of columns that there are. */
static int step_fits(const steppe_sweep_step *s, long columns) {
  if (s->a < -1 || s->a >= columns || s->b < -1 || s->b >= columns || s->y < 0 || s->y >= columns) return 0;
  switch (s->kind) {
    case STEPPE_SWEEP_UNARY:
      return s->op >= 0 && s->op < STEPPE_IS_NAN && steppe_unary_loop((int)s->op, STEPPE_FLOAT32) && s->a >= 0;
    case STEPPE_SWEEP_BINARY:
      if (s->op < 0 || s->op >= STEPPE_EQUAL || !steppe_binary_loop((int)s->op, STEPPE_FLOAT32)) return 0;
      return (s->a >= 0 && s->b >= 0) || (s->a != s->b && s->number);
    case STEPPE_SWEEP_SCALE:
    case STEPPE_SWEEP_SCALE_DOUBLE: return s->a >= 0 && s->number;
    case STEPPE_SWEEP_ADD_SCALED: return s->a >= 0 && s->b >= 0 && s->number;
    default: return 0;
  }
}

/* Whether every leaf is a tensor, with the same columns in memory, and no other column is read before it is written. */
static int columns_fit(const sweep_context *c) {
  const int64_t *some = NULL;
  for (long i = 0; i < c->count; i++) {
    const int64_t *leaf = c->leaves + i * (1 + c->columns);
    if (!FITS(leaf[0])) return 0;
    if (!leaf[0]) continue;
    if (!some) some = leaf;
    for (long k = 0; k < c->columns; k++)
      if (!pointer_of(leaf, k) != !pointer_of(some, k)) return 0;
  }
  if (!some) return 1;
  int written[STEPPE_SWEEP_COLUMNS], slots = 0;
  for (long k = 0; k < c->columns; k++) {
    written[k] = pointer_of(some, k) != NULL;
    slots += !written[k];
  }
  for (const steppe_sweep_step *s = c->steps; s < c->steps + c->step_count; s++) {
    if ((s->a >= 0 && !written[s->a]) || (s->b >= 0 && !written[s->b])) return 0;
    written[s->y] = 1;
  }
  return slots <= STEPPE_SWEEP_SLOTS;
}

int steppe_sweep(const steppe_sweep_step *steps, long step_count, const int64_t *leaves, long count, long columns) {
  REQUIRE(step_count >= 0 && step_count <= STEPPE_MOST_ELEMENTS && (steps || !step_count));
  REQUIRE(count >= 0 && count <= STEPPE_MOST_ELEMENTS && (leaves || !count));
  REQUIRE(columns >= 0 && columns <= STEPPE_SWEEP_COLUMNS);
  for (long s = 0; s < step_count; s++) REQUIRE(step_fits(steps + s, columns));
  sweep_context c = {steps, step_count, count, columns, leaves, NULL};
  REQUIRE(columns_fit(&c));
  long *first = malloc((count + 1) * sizeof(long)), blocks = 0;
  if (!first) return STEPPE_OUT_OF_MEMORY;
  for (long i = 0; i < count; i++) {
    first[i] = blocks;
    blocks += blocks_of(leaves[i * (1 + columns)]);
  }
  first[count] = blocks;
  c.first = first;
  steppe_parallel(blocks, 1, sweep_task, &c);
  free(first);
  return STEPPE_OK;
}
