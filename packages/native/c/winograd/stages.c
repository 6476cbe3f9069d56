/* Convolutions whose filter is much larger than the caches, stage by stage: many patches are taken to the other basis,
 * then each of its elements is multiplied, then all products are taken back. The filter passes once for so many
 * patches. */
#include "runtime/common.h"
#include "tile/tile.h"
#include "winograd/winograd.h"

/* Floats of patches and products at once. */
#define MOST_STAGED (1 << 22)
/* Patches of a task that reads or writes. */
#define GROUP 4

static long panels_of(const winograd *g) { return (g->outputs + TILE_WIDTH - 1) / TILE_WIDTH; }

/* How many patches are at work at once. */
static long staged(const winograd *g) {
  return most(least(MOST_STAGED / (PATCH * (g->channels + panels_width(g->outputs))), g->patches), 1);
}

static long patch_step(const winograd *g) { return staged(g) * g->channels + VL; }
static long product_step(const winograd *g) { return staged(g) * TILE_WIDTH + VL; }

long winograd_staged_floats(const winograd *g) { return PATCH * (patch_step(g) + panels_of(g) * product_step(g)); }

/* What the filter, patches and products take from memory that no cache holds, if the filter passes once for `block`
 * patches, which stay in the second-level cache; and if they do not. */
int winograd_stages_pay(const winograd *g, long block) {
  const long filter = winograd_filter_floats(g), patches = PATCH * g->patches * (g->channels + g->outputs);
  const long in_blocks = filter * ((g->patches + block - 1) / block),
             in_stages = filter * ((g->patches + staged(g) - 1) / staged(g)) + 2 * patches;
  return in_stages < in_blocks;
}

/* Patches from `first` on. */
typedef struct {
  const winograd *g;
  long first, count;
  float *patches, *products;
} stage;

static void read_task(void *context, long begin, long end) {
  const stage *s = context;
  const long from = begin * GROUP, to = least(end * GROUP, s->count);
  winograd_read(s->g, s->first + from, s->first + to, s->patches + from * s->g->channels, patch_step(s->g));
}

static void multiply_task(void *context, long begin, long end) {
  const stage *s = context;
  const winograd *g = s->g;
  const long panels = panels_of(g);
  for (long task = begin; task < end; task++) {
    const long i = task / panels, panel = task % panels, o = panel * TILE_WIDTH;
    const int vectors = panel_vectors(g->outputs, o);
    winograd_multiply(g, s->patches + i * patch_step(g), g->filter + (o * PATCH + i * vectors * VL) * g->channels,
                      vectors, s->count, s->products + (panel * PATCH + i) * product_step(g));
  }
}

static void write_task(void *context, long begin, long end) {
  const stage *s = context;
  const winograd *g = s->g;
  const long from = begin * GROUP, to = least(end * GROUP, s->count);
  for (long panel = 0; panel < panels_of(g); panel++) {
    const long o = panel * TILE_WIDTH, width = panel_vectors(g->outputs, o) * VL;
    winograd_write(g, s->first + from, s->first + to, o, width,
                   s->products + panel * PATCH * product_step(g) + from * width, product_step(g));
  }
}

void winograd_run_stages(const winograd *g) {
  stage s = {.g = g, .patches = g->slots, .products = g->slots + PATCH * patch_step(g)};
  for (; s.first < g->patches; s.first += s.count) {
    s.count = least(staged(g), g->patches - s.first);
    const long groups = (s.count + GROUP - 1) / GROUP;
    steppe_parallel(groups, 1, read_task, &s);
    steppe_parallel(PATCH * panels_of(g), 1, multiply_task, &s);
    steppe_parallel(groups, 1, write_task, &s);
  }
}
